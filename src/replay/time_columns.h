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

/// 0705, 2359: four digits that are hours and minutes.
bool is_clock_to_the_minute(std::string_view clock);

}  // namespace packwalk::replay
