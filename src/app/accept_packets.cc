#include "app/accept_packets.h"

#include <utility>

#include "core/packet/binary_form.h"
#include "core/packet/json_form.h"

namespace packwalk {
namespace {

DecodedBody decode(Transport transport, std::string_view body, const DecodeRules& rules) {
  switch (transport) {
    case Transport::http_binary:
      return decode_binary(body, rules);
    case Transport::http_json:
      return decode_json(body, rules);
    case Transport::http_ndjson:
      return decode_ndjson(body, rules);
    case Transport::osmand_form:
    case Transport::osmand_json:
    case Transport::owntracks:
    case Transport::overland:
      break;
  }
  return {};
}

Receipt receipt_of(const DecodedBody& decoded) {
  Receipt receipt{.unreadable = decoded.unreadable};
  for (std::size_t i = 0; i < decoded.messages.size(); ++i) {
    if (const auto* flaw = std::get_if<Flaw>(&decoded.messages[i].content)) {
      receipt.invalid.push_back({i, *flaw});
    } else {
      ++receipt.taken;
    }
  }
  return receipt;
}

std::vector<DecodedMessage> messages_of(DecodedBody decoded, std::string_view body) {
  if (decoded.unreadable) {
    const Unreadable& why = *decoded.unreadable;
    decoded.messages.push_back(
        {0, body.size(), Flaw{"", "cannot be read: " + why.reason + " at byte " + std::to_string(why.byte_offset)}});
  }
  for (DecodedMessage& message : decoded.messages) {
    message.hash = hash_of(message.content, body.substr(message.offset, message.size));
  }
  return std::move(decoded.messages);
}

}  // namespace

void AcceptPackets::accept(DeviceNumber device, Transport transport, std::string body, const Accepted& accepted) const {
  const ServerTime received_at = clock_.now();
  const DeviceTime latest = std::chrono::floor<std::chrono::seconds>(received_at) + rules_.future_slack;
  DecodedBody decoded = decode(transport, body, {{rules_.earliest, latest}, rules_.packets_max});
  if (decoded.too_many) {
    return accepted(fail(Errc::too_large, "more than " + std::to_string(rules_.packets_max) + " packets in a request"));
  }
  Receipt receipt = receipt_of(decoded);
  std::vector<DecodedMessage> messages = messages_of(std::move(decoded), body);
  if (messages.empty()) return accepted(std::move(receipt));

  Delivery delivery{device, received_at, transport, std::move(body), std::move(messages)};
  auto confirm = [accepted, receipt = std::move(receipt)](const Result<void>& kept) {
    accepted(kept ? Result<Receipt>(receipt) : Result<Receipt>(tl::unexpected(kept.error())));
  };
  auto put = queue_.put(std::move(delivery), std::move(confirm));
  if (!put) accepted(tl::unexpected(std::move(put.error())));
}

}  // namespace packwalk
