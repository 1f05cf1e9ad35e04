// Fuzzes the reader of times. The first byte chooses how dates are spelled; what follows is a time, or, where there is
// a line end, a date and a clock.
#include <algorithm>
#include <string>

#include "base/fuzz.h"
#include "base/text.h"
#include "base/time_text.h"

namespace {

using namespace packwalk;

constexpr std::int64_t furthest = 253'402'473'599 + 2 * 86'400;  // the last second of the year 9999, in any zone

void check(std::string_view text, const TimeSpelling& spelling) {
  const auto time = time_from_text(text, spelling);
  const std::string padded = " " + std::string(text) + "\t";
  fuzz::require(time == time_from_text(padded, spelling), "blanks around a time do not matter");
  if (!time) return;
  const std::int64_t seconds = seconds_since_1970(*time);
  fuzz::require(seconds > -furthest && seconds < furthest, "a time is within what can be written");
  if (spelling.excel_days) return;
  if (unit_of(static_cast<double>(seconds)) == TimeUnit::seconds) {
    fuzz::require(time_from_text(std::to_string(seconds)) == time, "seconds of a time are read as that time");
  }
  if (seconds >= 0 && seconds < furthest - 4 * 86'400) {
    fuzz::require(time_from_text(iso_text(*time), spelling) == time, "what is written is read");
  }
}

void check(std::string_view date, std::string_view clock, const TimeSpelling& spelling) {
  const auto time = time_from_texts(date, clock, spelling);
  if (!time || spelling.excel_days) return;
  const std::string joined = std::string(trimmed(date)) + " " + std::string(trimmed(clock));
  const auto whole = time_from_text(joined, spelling);
  fuzz::require(!whole || whole == time, "a date and a clock are the time of both");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const TimeSpelling spelling{.order = static_cast<DateOrder>(data[0] % 3), .excel_days = (data[0] & 128U) != 0};
  const std::string_view text = fuzz::view(data + 1, size - 1);
  const std::size_t end = std::min(text.find('\n'), text.size());
  check(text, spelling);
  if (end < text.size()) check(text.substr(0, end), text.substr(end + 1), spelling);
  if (const auto day = day_from_text(text)) {
    fuzz::require(time_from_text(text) == std::chrono::sys_days(*day), "a day begins at its midnight");
  }
  return 0;
}
