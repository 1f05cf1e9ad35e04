#include "base/calendar_text.h"

#include <cstddef>

#include "base/ascii.h"

namespace packwalk {
namespace {

using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

/// Parses a text from its front. After the first mismatch, `failed` stays true.
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
  /// Reads the available digits, within `digits`; the value is at most `greatest`.
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

/// Loggers and spreadsheets that omit the century write years from 2000 on.
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

/// The offset of the zone from UTC; no zone means UTC.
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

}  // namespace

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

std::optional<DeviceTime> calendar_time(std::string_view date, std::string_view clock,
                                        const CalendarSpelling& spelling) {
  Scanner day_scanner(date);
  const bool is_short = day_scanner.digits_ahead() == 6;
  const DateOrder order = is_short ? spelling.of_six_digits : spelling.order;
  const auto day = read_date(day_scanner, order, CompactDates::of_six_digits_too);
  if (!day || !day_scanner.at_end()) return std::nullopt;
  Scanner scanner(clock);
  if (clock.find(':') <= 2) return time_of(scanner, *day, read_clock(scanner));
  // With a zero before it, it has lost none.
  const bool to_the_minute = scanner.digits_ahead() == 4 && (spelling.clock_to_the_minute || scanner.next() == '0');
  return time_of(scanner, *day, to_the_minute ? read_clock_to_the_minute(scanner) : read_compact_clock(scanner));
}

std::optional<year_month_day> calendar_day(std::string_view text) {
  Scanner scanner(text);
  const auto day = read_date(scanner, DateOrder::unknown, CompactDates::of_eight_digits);
  return day && scanner.at_end() ? std::optional<year_month_day>(*day) : std::nullopt;
}

}  // namespace packwalk
