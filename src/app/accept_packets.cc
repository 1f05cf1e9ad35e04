#include "app/accept_packets.h"

#include <utility>

#include "app/decode_message.h"

namespace packwalk {
namespace {

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
        {0, body.size(),
         Flaw{"", std::string(unreadable_reason) + why.reason + " at byte " + std::to_string(why.byte_offset)}});
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
  DecodedBody decoded = decode_body(transport, body,
                                    PhoneRules{.decode = {{rules_.earliest, latest}, rules_.packets_max},
                                               .phone_status = rules_.phone_status,
                                               .received_at = received_at});
  if (decoded.too_many) {
    return accepted(fail(Errc::too_large, "more than " + std::to_string(rules_.packets_max) + " packets in a request"));
  }
  keep({device, received_at, transport, std::move(body), {}}, std::move(decoded), accepted);
}

void AcceptPackets::accept_unreadable(DeviceNumber device, Transport transport, std::string body, Unreadable why,
                                      const Accepted& accepted) const {
  keep({device, clock_.now(), transport, std::move(body), {}}, DecodedBody{.unreadable = std::move(why)}, accepted);
}

void AcceptPackets::keep(Delivery delivery, DecodedBody decoded, const Accepted& accepted) const {
  Receipt receipt = receipt_of(decoded);
  delivery.messages = messages_of(std::move(decoded), delivery.body);
  if (delivery.messages.empty()) return accepted(std::move(receipt));
  auto confirm = [accepted, receipt = std::move(receipt)](const Result<void>& kept) {
    accepted(kept ? Result<Receipt>(receipt) : Result<Receipt>(tl::unexpected(kept.error())));
  };
  auto put = queue_.put(std::move(delivery), std::move(confirm));
  if (!put) accepted(tl::unexpected(std::move(put.error())));
}

}  // namespace packwalk
