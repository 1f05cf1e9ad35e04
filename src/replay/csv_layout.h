// The meaning of the columns of a CSV file.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "replay/csv_sample.h"
#include "replay/reading.h"

namespace packwalk::replay {

inline constexpr std::size_t column_kinds = static_cast<std::size_t>(Column::activity) + 1;

/// The meaning of the fields of a row.
struct CsvLayout {
  std::size_t records_before_rows = 0;  // comments, if any, and the line of names
  std::size_t names = 0;                // columns that have one
  std::size_t marked_row_fields = 0;    // a line that begins with # is a row if it has so many; 0: a comment always
  bool clock_to_the_minute = false;     // the clock beside a date is 0705
  std::optional<DateOrder> order_of_short_dates;             // of dates such as 260302
  std::array<std::size_t, column_kinds> columns{};           // by what each tells
  std::array<std::size_t, 2> hemispheres{nowhere, nowhere};  // of lat and lon: columns of N, S, E, W
  std::vector<std::string> bare_names;                       // of all columns
  std::vector<std::size_t> outliers;                         // columns in which a yes marks one
  std::array<double, 2> units_per_degree{1, 1};              // 1e7 for integers of that unit
  std::string form;
  std::vector<std::string> meanings;
  std::vector<std::string> warnings;

  std::size_t index_of(Column column) const { return columns[static_cast<std::size_t>(column)]; }
  bool has(Column column) const { return index_of(column) != nowhere; }
};

/// By the names in its first lines, and by the first rows where names do not tell enough: a column `id` or `name` that
/// has another value in each row, or none in some, tells no device.
Result<CsvLayout> csv_layout_of(std::string_view text, const ReadRules& rules);

}  // namespace packwalk::replay
