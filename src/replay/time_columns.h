// Which columns of a CSV file tell the time.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/time_text.h"
#include "replay/csv_sample.h"

namespace packwalk::replay {

/// Either a column of whole times, or one of dates and one of clocks.
struct TimeColumns {
  std::size_t timestamp = nowhere;
  std::size_t date = nowhere;
  std::size_t clock = nowhere;

  bool found() const { return timestamp != nowhere || (date != nowhere && clock != nowhere); }
};

/// By their usual names, beside those of `named`, which the operator named. A time that its name or itself says to be
/// of UTC goes before one without a zone, which may be local.
TimeColumns time_columns_of(const CsvSample& sample, const TimeSpelling& spelling, TimeColumns named);

/// Whether a column of that (bare) name may be a time.
bool may_tell_time(std::string_view bare_name);

/// Finds out from the clocks of a file what 1005 is: ten hours and five minutes, or 00:10:05 that lost its zeros.
class ClockDigits {
 public:
  void add(std::string_view clock);

  /// Whether four digits are hours and minutes. A clock 0705 proves it, as there no zeros are lost. Else one such as
  /// 100005 or 10:00:05 disproves it, and so do clocks that are no hours and minutes (955, 2401) if they are more than
  /// one in ten; fewer are damaged rows.
  bool to_the_minute() const;
  /// Whether there are clocks of both kinds, and nothing proves which is right.
  bool is_doubtful() const { return zeros_ == 0 && to_the_minute_ > 0 && to_the_second_ + others_ > 0; }

  /// Whether all are such as 100005 or 10:00:05.
  bool only_to_the_second() const { return to_the_second_ > 0 && to_the_minute_ + others_ == 0; }

 private:
  std::size_t zeros_ = 0;          // 0705
  std::size_t to_the_minute_ = 0;  // 1005, and those
  std::size_t to_the_second_ = 0;  // 100005, 95507, 10:00:05
  std::size_t others_ = 0;         // up to four digits that are no hours and minutes
};

}  // namespace packwalk::replay
