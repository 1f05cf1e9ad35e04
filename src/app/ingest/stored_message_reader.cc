#include "app/ingest/stored_message_reader.h"

#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "app/ingest/decode_message.h"
#include "app/ingest/ingest_batch.h"
#include "base/text.h"

namespace packwalk {
namespace {

std::string time_reason(std::string_view reason) { return std::string("timestamp ").append(reason); }

/// The former reason for a time that was too early.
constexpr std::string_view first_reason_too_early = "is earlier than the earliest time that is believed";

/// The range of valid times when a message arrived, as far as its reason reveals it.
TimeWindow believed_by(const std::string& reason) {
  constexpr TimeWindow any{device_time(std::numeric_limits<std::int32_t>::min()),
                           device_time(std::numeric_limits<std::int32_t>::max())};
  if (reason.starts_with(time_reason(reason_too_early)) || reason == time_reason(first_reason_too_early)) {
    return {any.latest, any.latest};
  }
  if (reason.starts_with(time_reason(reason_in_future))) {
    return {any.earliest, device_time(-(std::int64_t{1} << 40))};
  }
  return any;
}

/// The correction that its door made to its time.
int weeks_added_by(std::string_view reason) {
  const std::size_t end = reason.find(reason_weeks_added);
  return end == std::string_view::npos ? 0 : number_from<std::uint16_t>(reason.substr(0, end)).value_or(0);
}

/// The decoders now accept more spellings of numbers and times than when some messages arrived.
bool was_not_read(std::string_view reason) {
  return reason.ends_with(" is not a time") || reason.ends_with(" is not a number");
}

bool fits(const Content& content, const StoredMessage& message) {
  if (message.verdict == Verdict::invalid) return !is_packet(content);
  return is_packet(content) && has_hash_of(message, content);
}

/// The reading that fits best. A flaw has the reason of the message's arrival, which may come from another
/// configuration or wording.
std::optional<Content> fitting(const std::vector<Content>& readings, const StoredMessage& message) {
  for (const Content& content : readings) {
    if (message.verdict == Verdict::invalid && reason_of(content) == message.reason) return content;
  }
  for (const Content& content : readings) {
    if (fits(content, message)) return std::holds_alternative<Flaw>(content) ? Flaw{"", message.reason} : content;
  }
  return std::nullopt;
}

}  // namespace

bool has_hash_of(const StoredMessage& message, const Content& content) {
  return hash_of(content, message.content) == message.hash || first_hash_of(content, message.content) == message.hash;
}

std::vector<Content> StoredMessageReader::readings_of(const StoredMessage& message, ServerTime received_at,
                                                      Decoders decoders) const {
  return decode_message(message.transport, message.content,
                        {.decode = {.believed = believed_by(message.reason), .packets_max = 1, .decoders = decoders},
                         .phone_status = phone_status_,
                         .received_at = received_at,
                         .weeks_added = weeks_added_by(message.reason)});
}

Content StoredMessageReader::reading_of(const StoredMessage& message) {
  if (message.reason.starts_with(unreadable_reason)) return Flaw{"", message.reason};
  const std::vector<Content> readings = readings_of(message, message.received_at);
  if (auto content = fitting(readings, message)) return *std::move(content);
  if (auto content = fitting(readings_of(message, message.received_at, Decoders::first), message)) {
    return *std::move(content);
  }
  if (message.verdict != Verdict::invalid && is_phone(message.transport)) {
    if (auto content = reading_before_it_moved(message)) return *std::move(content);
    if (auto content = reading_with_another_status(message)) return *std::move(content);
  }
  if (message.verdict == Verdict::invalid && was_not_read(message.reason)) return Flaw{"", message.reason};
  return readings.front();
}

std::optional<Content> StoredMessageReader::reading_before_it_moved(const StoredMessage& message) const {
  for (Content& content : readings_of(message, message.received_at - std::chrono::seconds(1))) {
    if (fits(content, message)) return std::move(content);
  }
  return std::nullopt;
}

std::optional<Content> StoredMessageReader::reading_with_another_status(const StoredMessage& message) {
  const std::uint8_t before = phone_status_;
  for (int status = 0; status < 256; ++status) {
    phone_status_ = static_cast<std::uint8_t>(status);
    for (Content& content : readings_of(message, message.received_at)) {
      if (fits(content, message)) return std::move(content);
    }
  }
  phone_status_ = before;
  return std::nullopt;
}

}  // namespace packwalk
