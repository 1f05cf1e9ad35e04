#include "base/iso_time.h"

#include <array>
#include <chrono>
#include <cstdio>

#include "base/text.h"

namespace packwalk {
namespace {

/// Takes a text apart from its front; once something is not there, `failed` stays true.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }
  char next() const { return rest_.empty() ? '\0' : rest_[0]; }

  bool skip_if(std::string_view one_of) {
    if (rest_.empty() || one_of.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(std::string_view one_of) { failed_ |= !skip_if(one_of); }

  bool at_digit() const { return !rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9'; }

  /// Exactly `digits` digits, at most `greatest`.
  int number(int digits, int greatest) {
    int value = 0;
    for (int i = 0; i < digits; ++i) value = value * 10 + digit();
    failed_ |= value > greatest;
    return value;
  }
  void decimals() {
    digit();
    while (at_digit()) digit();
  }

 private:
  int digit() {
    if (!at_digit()) {
      failed_ = true;
      return 0;
    }
    const int value = rest_[0] - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool failed_ = false;
};

std::chrono::sys_days read_date(Reader& reader, bool& exists) {
  const int year = reader.number(4, 9999);
  reader.expect("-");
  const int month = reader.number(2, 12);
  reader.expect("-");
  const int day = reader.number(2, 31);
  const std::chrono::year_month_day date(std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)});
  exists = date.ok();
  return exists ? std::chrono::sys_days(date) : std::chrono::sys_days();
}

std::chrono::seconds read_time_of_day(Reader& reader) {
  const int hours = reader.number(2, 23);
  reader.expect(":");
  const int minutes = reader.number(2, 59);
  reader.expect(":");
  const int seconds = reader.number(2, 60);  // a leap second is the first of the next minute
  if (reader.skip_if(".,")) reader.decimals();
  return std::chrono::hours(hours) + std::chrono::minutes(minutes) + std::chrono::seconds(seconds);
}

/// How far the clocks of the zone are ahead of UTC.
std::chrono::seconds read_zone(Reader& reader) {
  if (reader.skip_if("Zz")) return std::chrono::seconds(0);
  const bool behind = reader.next() == '-';
  reader.expect("+-");
  const int hours = reader.number(2, 23);
  int minutes = 0;
  if (reader.skip_if(":") || reader.at_digit()) minutes = reader.number(2, 59);
  const std::chrono::seconds ahead = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return behind ? -ahead : ahead;
}

}  // namespace

std::optional<DeviceTime> time_from_iso(std::string_view text) {
  Reader reader(text);
  bool date_exists = false;
  const std::chrono::sys_days date = read_date(reader, date_exists);
  const bool zone_may_be_missing = reader.next() == ' ';
  reader.expect("Tt ");
  const std::chrono::seconds time_of_day = read_time_of_day(reader);
  std::chrono::seconds ahead(0);
  if (!zone_may_be_missing || !reader.at_end()) ahead = read_zone(reader);
  if (reader.failed() || !reader.at_end() || !date_exists) return std::nullopt;
  return date + time_of_day - ahead;
}

std::optional<DeviceTime> time_from_text(std::string_view text) {
  if (const auto seconds = number_from<std::int64_t>(text)) return device_time(*seconds);
  return time_from_iso(text);
}

std::string iso_text(DeviceTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()),
                                 unsigned(date.month()), unsigned(date.day()), static_cast<int>(clock.hours().count()),
                                 static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace packwalk
