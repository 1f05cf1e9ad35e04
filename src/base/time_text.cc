#include "base/time_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/text.h"

namespace packwalk {
namespace {

using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr std::size_t text_bytes_max = 64;
constexpr double milliseconds_min = 1e11;  // numbers below it are seconds

constexpr std::int64_t per_second(TimeUnit unit) {
  constexpr std::array<std::int64_t, 4> all = {1, 1'000, 1'000'000, 1'000'000'000};
  return all.at(static_cast<std::size_t>(unit));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Takes a text apart from its front. Once something is not there, `failed` stays true.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool failed() const { return failed_; }
  void fail() { failed_ = true; }
  bool at_end() const { return rest_.empty(); }
  char next() const { return rest_.empty() ? '\0' : rest_[0]; }

  std::size_t digits_ahead() const {
    std::size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) ++count;
    return count;
  }

  bool skip_if(std::string_view one_of) {
    if (rest_.empty() || one_of.find(rest_[0]) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool skip_word(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  void expect(std::string_view one_of) { failed_ |= !skip_if(one_of); }

  struct Digits {
    std::size_t fewest = 2;
    std::size_t most = 2;
  };
  /// As many digits as there are, within `digits`; at most `greatest`.
  int number(Digits digits, int greatest) {
    int value = 0;
    std::size_t count = 0;
    for (; count < digits.most && is_digit(next()); ++count) {
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    failed_ |= count < digits.fewest || value > greatest;
    return value;
  }
  void skip_digits() {
    failed_ |= !is_digit(next());
    rest_.remove_prefix(digits_ahead());
  }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

constexpr Scanner::Digits two{2, 2};
constexpr Scanner::Digits one_or_two{1, 2};
constexpr Scanner::Digits four{4, 4};

struct Date {
  int year = 0;
  int month = 0;
  int day = 0;
};

/// Loggers and spreadsheets that leave out the century are younger than it.
int with_century(int year) { return year < 100 ? 2000 + year : year; }

/// The day and the month, in their order, with `separator` between them, or with none where that is 0.
void read_day_and_month(Scanner& scanner, DateOrder order, Scanner::Digits digits, char separator, Date& date) {
  const auto skip_separator = [&] {
    if (separator != 0) scanner.expect({&separator, 1});
  };
  const int first = scanner.number(digits, 31);
  skip_separator();
  const int second = scanner.number(digits, 31);
  skip_separator();
  date.day = order == DateOrder::day_first ? first : second;
  date.month = order == DateOrder::day_first ? second : first;
}

Date read_year_first(Scanner& scanner) {
  Date date;
  date.year = scanner.number(four, 9999);
  const char separator = scanner.next();
  scanner.expect("-/.");
  const Scanner::Digits digits = separator == '-' ? two : one_or_two;  // ISO 8601 has two, spreadsheets do not
  date.month = scanner.number(digits, 12);
  scanner.expect({&separator, 1});
  date.day = scanner.number(digits, 31);
  return date;
}

Date read_year_last(Scanner& scanner, DateOrder order, char separator) {
  Date date;
  read_day_and_month(scanner, order, one_or_two, separator, date);
  const std::size_t digits = scanner.digits_ahead();
  if (digits != 2 && digits != 4) scanner.fail();
  date.year = with_century(scanner.number({2, 4}, 9999));
  return date;
}

/// 20260302; of six digits 260302, or 020326 where an order is given.
Date read_compact(Scanner& scanner, DateOrder order, std::size_t digits) {
  Date date;
  if (digits == 6 && order != DateOrder::unknown) {
    read_day_and_month(scanner, order, two, 0, date);
    date.year = with_century(scanner.number(two, 99));
    return date;
  }
  date.year = digits == 6 ? with_century(scanner.number(two, 99)) : scanner.number(four, 9999);
  date.month = scanner.number(two, 12);
  date.day = scanner.number(two, 31);
  return date;
}

std::optional<sys_days> existing(const Date& date) {
  const year_month_day day(std::chrono::year{date.year}, std::chrono::month{static_cast<unsigned>(date.month)},
                           std::chrono::day{static_cast<unsigned>(date.day)});
  return day.ok() ? std::optional(sys_days(day)) : std::nullopt;
}

enum class CompactDates { of_eight_digits, of_six_digits_too };

std::optional<sys_days> read_date(Scanner& scanner, DateOrder order, CompactDates compact) {
  const std::size_t digits = scanner.digits_ahead();
  Date date;
  if (digits == 8 || (digits == 6 && compact == CompactDates::of_six_digits_too)) {
    date = read_compact(scanner, order, digits);
  } else if (digits == 4) {
    date = read_year_first(scanner);
  } else if (order != DateOrder::unknown) {
    Scanner ahead = scanner;
    ahead.skip_digits();
    const char separator = ahead.next();
    if (separator != '.' && separator != '/' && separator != '-') return std::nullopt;
    date = read_year_last(scanner, order, separator);
  } else {
    return std::nullopt;
  }
  return scanner.failed() ? std::nullopt : existing(date);
}

/// 12 hours of the afternoon where the clock has but 12: `11:00:00 PM`.
int hours_of_day(Scanner& scanner, int hours) {
  Scanner ahead = scanner;
  ahead.skip_if(" ");
  const bool afternoon = ahead.next() == 'P' || ahead.next() == 'p';
  if (!ahead.skip_if("AaPp") || !ahead.skip_if("Mm")) return hours;
  scanner = ahead;
  if (hours < 1 || hours > 12) scanner.fail();
  return hours % 12 + (afternoon ? 12 : 0);
}

seconds read_clock(Scanner& scanner) {
  int hours = scanner.number(one_or_two, 23);
  scanner.expect(":");
  const int minutes = scanner.number(two, 59);
  int whole = 0;
  if (scanner.skip_if(":")) {
    whole = scanner.number(two, 60);  // a leap second is the first of the next minute
    if (scanner.skip_if(".,")) scanner.skip_digits();
  }
  hours = hours_of_day(scanner, hours);
  return std::chrono::hours(hours) + std::chrono::minutes(minutes) + seconds(whole);
}

/// 100005, or as a number that lost its zeros: 5.
seconds read_compact_clock(Scanner& scanner) {
  const int value = scanner.number({1, 6}, 235960);
  const int minutes = value / 100 % 100;
  const int whole = value % 100;
  if (minutes > 59 || whole > 60) scanner.fail();
  if (scanner.skip_if(".,")) scanner.skip_digits();
  return std::chrono::hours(value / 10'000) + std::chrono::minutes(minutes) + seconds(whole);
}

/// 0705
seconds read_clock_to_the_minute(Scanner& scanner) {
  const int hours = scanner.number(two, 23);
  return std::chrono::hours(hours) + std::chrono::minutes(scanner.number(two, 59));
}

/// How far the clocks of the zone are ahead of UTC; no zone is UTC.
seconds read_zone(Scanner& scanner) {
  if (scanner.at_end()) return seconds(0);
  scanner.skip_if(" ");
  if (scanner.skip_if("Zz") || scanner.skip_word("UTC") || scanner.skip_word("GMT")) return seconds(0);
  const bool behind = scanner.next() == '-';
  scanner.expect("+-");
  const int hours = scanner.number(two, 23);
  int minutes = 0;
  if (scanner.skip_if(":") || is_digit(scanner.next())) minutes = scanner.number(two, 59);
  const seconds ahead = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  return behind ? -ahead : ahead;
}

std::optional<DeviceTime> time_of(Scanner& scanner, sys_days date, seconds clock) {
  const seconds ahead = read_zone(scanner);
  if (scanner.failed() || !scanner.at_end()) return std::nullopt;
  return date + clock - ahead;
}

std::optional<DeviceTime> calendar_time(std::string_view text, DateOrder order) {
  Scanner scanner(text);
  const bool compact = scanner.digits_ahead() == 8;
  const auto date = read_date(scanner, order, CompactDates::of_eight_digits);
  if (!date) return std::nullopt;
  if (scanner.at_end()) return compact ? std::nullopt : std::optional<DeviceTime>(*date);
  const bool is_iso = scanner.next() != ' ';
  scanner.expect("Tt ");
  const std::size_t digits = compact ? scanner.digits_ahead() : 0;
  // Behind a blank 1005 may have lost its zeros, as in a column of its own.
  if (digits == 4 && (is_iso || scanner.next() == '0')) {
    return time_of(scanner, *date, read_clock_to_the_minute(scanner));
  }
  return time_of(scanner, *date, digits == 6 ? read_compact_clock(scanner) : read_clock(scanner));
}

/// From 1900-01-01 to 9999-12-31.
std::optional<DeviceTime> time_from_excel_days(double days) {
  constexpr double days_to_1970 = 25'569;
  if (!(days >= 1 && days < 2'958'466)) return std::nullopt;
  // Excel's fractions of a day hold a second only roughly: 10:00:05 is 0.41672453703703...
  return device_time(static_cast<std::int64_t>(std::floor(std::round((days - days_to_1970) * 86'400'000) / 1000)));
}

std::string_view without_plus(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  return text;
}

std::int64_t floor_of_quotient(std::int64_t number, std::int64_t divisor) {
  return number / divisor - (number % divisor < 0 ? 1 : 0);
}

/// A comma may stand for the point, as spreadsheets of half of the world have it.
std::optional<double> decimal_from(std::string_view text) {
  if (const auto number = number_from<double>(text)) return number;
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  std::string with_point(text);
  with_point[comma] = '.';
  return number_from<double>(with_point);
}

/// Whole seconds: up to eleven digits and nothing else. Most files and phones write times like this.
std::optional<std::int64_t> whole_seconds_from(std::string_view text) {
  constexpr std::size_t digits_max = 11;
  static_assert(99'999'999'999 < milliseconds_min);
  if (text.empty() || text.size() > digits_max || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  std::int64_t number = 0;
  for (const char c : text) number = number * 10 + (c - '0');
  return number;
}

/// Exact where a double is not: nanoseconds are more than it holds.
std::optional<DeviceTime> time_from_digits(std::string_view text) {
  if (const auto whole = number_from<std::int64_t>(text)) {
    return device_time(floor_of_quotient(*whole, per_second(unit_of(static_cast<double>(*whole)))));
  }
  const auto number = decimal_from(text);
  return number ? time_from_number(*number) : std::nullopt;
}

bool begins_with_year(std::string_view text) {
  return text.size() > 4 && (text[4] == '-' || text[4] == '/') && is_digit(text[0]) && is_digit(text[3]);
}

}  // namespace

std::string_view name_of(TimeUnit unit) {
  constexpr std::array<std::string_view, 4> names = {"seconds", "milliseconds", "microseconds", "nanoseconds"};
  return names.at(static_cast<std::size_t>(unit));
}

TimeUnit unit_of(double since_1970) {
  const double size = std::abs(since_1970);
  if (size < milliseconds_min) return TimeUnit::seconds;
  if (size < 1e14) return TimeUnit::milliseconds;
  return size < 1e17 ? TimeUnit::microseconds : TimeUnit::nanoseconds;
}

std::optional<DeviceTime> time_from_number(double since_1970) {
  if (!(std::abs(since_1970) < 1e20)) return std::nullopt;
  const auto divisor = static_cast<double>(per_second(unit_of(since_1970)));
  return device_time(static_cast<std::int64_t>(std::floor(since_1970 / divisor)));
}

std::optional<DeviceTime> time_from_fourteen_digits(std::string_view text) {
  constexpr std::size_t digits = 14;
  if (text.size() < digits) return std::nullopt;  // like most times
  const std::string_view bare = trimmed(text);
  if (bare.size() < digits || !(bare.starts_with("19") || bare.starts_with("20"))) return std::nullopt;
  if (Scanner(bare).digits_ahead() != digits) return std::nullopt;
  return time_from_texts(bare.substr(0, 8), bare.substr(8));
}

std::optional<DeviceTime> time_from_text(std::string_view text, const TimeSpelling& spelling) {
  const std::string_view bare = trimmed(text);
  if (bare.size() > text_bytes_max) return std::nullopt;
  if (!spelling.excel_days) {
    if (const auto whole = whole_seconds_from(bare)) return device_time(*whole);
  }
  if (begins_with_year(bare)) return calendar_time(bare, spelling.order);
  const std::string_view digits = without_plus(bare);
  if (spelling.excel_days) {
    if (const auto days = decimal_from(digits)) return time_from_excel_days(*days);
  } else if (const auto time = time_from_fourteen_digits(bare)) {
    return *time;
  } else if (const auto number = time_from_digits(digits)) {
    return *number;
  }
  return calendar_time(bare, spelling.order);
}

std::optional<DeviceTime> time_from_texts(std::string_view date, std::string_view clock, const TimeSpelling& spelling) {
  const std::string_view day_text = trimmed(date);
  const std::string_view clock_text = trimmed(clock);
  if (day_text.size() + clock_text.size() > text_bytes_max) return std::nullopt;
  if (spelling.excel_days) {
    const auto days = decimal_from(day_text);
    const auto part = decimal_from(clock_text);
    if (days && part) return *part >= 0 && *part < 1 ? time_from_excel_days(*days + *part) : std::nullopt;
  }
  Scanner day_scanner(day_text);
  const bool is_short = day_scanner.digits_ahead() == 6;
  const DateOrder order = is_short ? spelling.of_six_digits.value_or(spelling.order) : spelling.order;
  const auto day = read_date(day_scanner, order, CompactDates::of_six_digits_too);
  if (!day || !day_scanner.at_end()) return std::nullopt;
  Scanner scanner(clock_text);
  if (clock_text.find(':') <= 2) return time_of(scanner, *day, read_clock(scanner));
  // With a zero before it, it has lost none.
  const bool to_the_minute = scanner.digits_ahead() == 4 && (spelling.clock_to_the_minute || scanner.next() == '0');
  return time_of(scanner, *day, to_the_minute ? read_clock_to_the_minute(scanner) : read_compact_clock(scanner));
}

std::optional<year_month_day> day_from_text(std::string_view text) {
  if (text.size() != 10 || text[4] != '-') return std::nullopt;
  Scanner scanner(text);
  const auto day = read_date(scanner, DateOrder::unknown, CompactDates::of_eight_digits);
  return day && scanner.at_end() ? std::optional<year_month_day>(*day) : std::nullopt;
}

std::string iso_text(DeviceTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 64> text{};
  const int size = std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()),
                                 unsigned(date.month()), unsigned(date.day()), static_cast<int>(clock.hours().count()),
                                 static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace packwalk
