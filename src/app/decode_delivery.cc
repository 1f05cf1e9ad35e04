#include "app/decode_delivery.h"

#include <utility>

#include "app/decode_message.h"

namespace packwalk {
namespace {

DecodedBody decode(const Delivery& delivery, const AcceptRules& rules) {
  if (!delivery.unreadable.empty()) return {.unreadable = Unreadable{0, delivery.unreadable}};
  const DeviceTime latest = std::chrono::floor<std::chrono::seconds>(delivery.received_at) + rules.future_slack;
  return decode_body(delivery.transport, delivery.body,
                     {.decode = {{rules.earliest, latest}, rules.packets_max},
                      .phone_status = rules.phone_status,
                      .received_at = delivery.received_at});
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

Flaw flaw_of(const Unreadable& why) {
  return {"", std::string(unreadable_reason) + why.reason + " at byte " + std::to_string(why.byte_offset)};
}

}  // namespace

Result<Receipt> decode_delivery(Delivery& delivery, const AcceptRules& rules) {
  DecodedBody decoded = decode(delivery, rules);
  if (decoded.too_many) {
    return fail(Errc::too_large, "more than " + std::to_string(rules.packets_max) + " packets in a request");
  }
  Receipt receipt = receipt_of(decoded);
  if (decoded.unreadable) decoded.messages.push_back({0, delivery.body.size(), flaw_of(*decoded.unreadable)});
  delivery.messages = std::move(decoded.messages);
  for (DecodedMessage& message : delivery.messages) {
    const std::string_view original = std::string_view(delivery.body).substr(message.offset, message.size);
    message.hash = hash_of(message.content, original);
  }
  return receipt;
}

}  // namespace packwalk
