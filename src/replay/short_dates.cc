#include "replay/short_dates.h"

#include <algorithm>
#include <string_view>

#include "base/text.h"

namespace packwalk::replay {
namespace {

/// All dates of the sample, read in one order.
struct Attempt {
  DateOrder order = DateOrder::unknown;
  std::size_t sound = 0;  // dates that exist and are no later than they can be
  DeviceTime first = DeviceTime::max();
  DeviceTime last = DeviceTime::min();

  std::chrono::seconds span() const { return sound > 0 ? last - first : std::chrono::seconds(0); }
};

bool has_six_digits(std::string_view text) {
  constexpr std::size_t digits = 6;
  const std::string_view date = trimmed(text);
  return date.size() == digits && date.find_first_not_of("0123456789") == std::string_view::npos;
}

std::optional<DeviceTime> day_of(std::string_view date, DateOrder order) {
  return time_in(date, "000000", {.of_six_digits = order});
}

Attempt attempt(const std::vector<std::string_view>& dates, DateOrder order, DeviceTime latest) {
  Attempt attempt{.order = order};
  for (const std::string_view date : dates) {
    const auto day = day_of(date, order);
    if (!day || *day > latest) continue;
    ++attempt.sound;
    attempt.first = std::min(attempt.first, *day);
    attempt.last = std::max(attempt.last, *day);
  }
  return attempt;
}

/// Whether that many more dates of the one are sound that the others are no damaged rows.
bool is_sounder(const Attempt& one, const Attempt& other) { return other.sound * 10 < one.sound * 9; }

bool is_much_closer(const Attempt& one, const Attempt& other) {
  constexpr int times = 4;
  return one.span() * times < other.span();
}

std::string_view words_for(DateOrder order) {
  if (order == DateOrder::unknown) return "the year first";
  return order == DateOrder::day_first ? "the day first" : "the month first";
}

std::string with_order(std::string_view date, DateOrder order) {
  const auto day = day_of(date, order);
  constexpr std::size_t date_size = 10;
  return (day ? iso_text(*day).substr(0, date_size) : "") + ", with " + std::string(words_for(order));
}

}  // namespace

std::optional<ShortDates> short_dates_of(const CsvSample& sample, std::size_t column, const ReadRules& rules) {
  std::vector<std::string_view> dates;
  for (const CsvSample::Fields& row : sample.rows) {
    if (CsvSample::tells(row, column) && has_six_digits(row[column])) dates.emplace_back(trimmed(row[column]));
  }
  if (dates.empty()) return std::nullopt;
  const DateOrder told = rules.times.order;
  const Attempt year_first = attempt(dates, DateOrder::unknown, rules.latest);
  const Attempt year_last = attempt(dates, told == DateOrder::month_first ? told : DateOrder::day_first, rules.latest);
  const bool is_told = told != DateOrder::unknown;
  const Attempt& usual = is_told ? year_last : year_first;
  const Attempt& other = is_told ? year_first : year_last;
  if (is_sounder(usual, other) || (!is_told && is_much_closer(usual, other))) return ShortDates{usual.order, ""};
  const bool is_other = is_sounder(other, usual) || (!is_told && is_much_closer(other, usual));
  const Attempt& taken = is_other ? other : usual;
  const Attempt& left = is_other ? usual : other;
  const auto doubtful = std::find_if(dates.begin(), dates.end(), [&](std::string_view date) {
    const auto day = day_of(date, taken.order);
    const auto other_day = day_of(date, left.order);
    return day && other_day && *day != *other_day;
  });
  if (doubtful == dates.end()) return ShortDates{taken.order, ""};
  return ShortDates{taken.order, "the dates of " + printable(sample.names[column]) + ", such as " +
                                     std::string(*doubtful) + ", are read as " + with_order(*doubtful, taken.order) +
                                     "; otherwise it would be " + with_order(*doubtful, left.order) +
                                     (is_told ? "" : " (--day-first, --month-first)")};
}

}  // namespace packwalk::replay
