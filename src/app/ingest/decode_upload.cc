#include "app/ingest/decode_upload.h"

#include <algorithm>
#include <utility>

#include "app/ingest/decode_message.h"
#include "app/ingest/kept_body.h"

namespace packwalk {
namespace {

/// Late packets cannot be compared with data that is no longer kept, so they are as invalid as times before `earliest`.
TimeWindow believed_at(ServerTime received_at, const AcceptRules& rules) {
  TimeWindow believed{rules.earliest, std::chrono::floor<std::chrono::seconds>(received_at) + rules.future_slack};
  if (rules.months_kept == 0) return believed;
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(received_at));
  const auto month = std::chrono::year_month(date.year(), date.month()) - std::chrono::months(rules.months_kept);
  if (const DeviceTime kept_since = std::chrono::sys_days(month / 1); kept_since > rules.earliest) {
    believed.earliest = kept_since;
    believed.earliest_key = "store.keep_fixes_months";
  }
  return believed;
}

DecodedBody decode(const Upload& upload, const AcceptRules& rules) {
  return decode_body(upload.transport, upload.body,
                     {.decode = {believed_at(upload.received_at, rules), rules.packets_max},
                      .phone_status = rules.phone_status,
                      .received_at = upload.received_at,
                      .mends_week_rollover = rules.mend_week_rollover});
}

std::size_t count_flaws(const std::vector<DecodedMessage>& messages) {
  return static_cast<std::size_t>(std::count_if(messages.begin(), messages.end(), [](const DecodedMessage& message) {
    return std::holds_alternative<Flaw>(message.content);
  }));
}

Receipt receipt_of(const std::vector<DecodedMessage>& messages) {
  Receipt receipt;
  receipt.invalid_count = count_flaws(messages);
  receipt.taken = messages.size() - receipt.invalid_count;
  if (receipt.invalid_count == 0) return receipt;
  const bool in_runs = receipt.invalid_count > Receipt::invalid_listed_max;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const auto* flaw = std::get_if<Flaw>(&messages[i].content);
    if (!flaw) continue;
    if (in_runs && !receipt.invalid.empty() && receipt.invalid.back().last + 1 == i &&
        receipt.invalid.back().flaw == *flaw) {
      receipt.invalid.back().last = i;
    } else if (receipt.invalid.size() < Receipt::invalid_listed_max) {
      receipt.invalid.push_back({i, i, *flaw});
    } else {
      break;
    }
  }
  return receipt;
}

std::string located(const Unreadable& why) { return why.reason + " at byte " + std::to_string(why.byte_offset); }

}  // namespace

Result<Receipt> decode_upload(Upload& upload, const AcceptRules& rules, std::string_view packed) {
  if (!upload.unreadable.empty()) {
    Receipt receipt{.unreadable = Unreadable{0, upload.unreadable}};
    keep_as_unreadable(upload, upload.unreadable);
    return receipt;
  }
  DecodedBody decoded = decode(upload, rules);
  if (decoded.too_many) {
    return fail(Errc::too_large, "more than " + std::to_string(rules.packets_max) + " packets in a request");
  }
  if (decoded.unreadable) {
    keep_as_unreadable(upload, located(*decoded.unreadable), packed);
    return Receipt{.unreadable = std::move(decoded.unreadable)};
  }
  Receipt receipt{.taken = decoded.messages.size()};
  if (!are_packets(decoded.messages)) {
    receipt = receipt_of(decoded.messages);
    if (is_large_and_invalid(decoded.messages)) {
      keep_as_unreadable(upload, reason_of_invalid(decoded.messages), packed);
      return receipt;
    }
    merge_surplus(decoded.messages, upload.body);
  }
  upload.messages = std::move(decoded.messages);
  for (DecodedMessage& message : upload.messages) {
    const std::string_view original = std::string_view(upload.body).substr(message.offset, message.size);
    message.hash = hash_of(message.content, original);
  }
  return receipt;
}

}  // namespace packwalk
