#include "app/decode_delivery.h"

#include <algorithm>
#include <utility>

#include "app/decode_message.h"

namespace packwalk {
namespace {

/// What is no longer kept cannot judge what comes late: that is as little believed as a time before all dogs.
DeviceTime earliest_at(ServerTime received_at, const AcceptRules& rules) {
  if (rules.months_kept == 0) return rules.earliest;
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(received_at));
  const auto month = std::chrono::year_month(date.year(), date.month()) - std::chrono::months(rules.months_kept);
  return std::max<DeviceTime>(rules.earliest, std::chrono::sys_days(month / 1));
}

DecodedBody decode(const Delivery& delivery, const AcceptRules& rules) {
  if (!delivery.unreadable.empty()) return {.unreadable = Unreadable{0, delivery.unreadable}};
  const DeviceTime latest = std::chrono::floor<std::chrono::seconds>(delivery.received_at) + rules.future_slack;
  return decode_body(delivery.transport, delivery.body,
                     {.decode = {{earliest_at(delivery.received_at, rules), latest}, rules.packets_max},
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
