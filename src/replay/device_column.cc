#include "replay/device_column.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string_view>

#include "base/text.h"
#include "replay/column_names.h"

namespace packwalk::replay {
namespace {

/// The first that is told in some row, or, where none is, the first.
std::size_t usual_column_of(const CsvSample& sample) {
  std::size_t first = nowhere;
  for (const std::string_view name : usual_names(Column::device)) {
    const auto found = CsvSample::column_of(name, sample.bare_names);
    if (!found) continue;
    if (!sample.first_told(*found).empty()) return *found;
    if (first == nowhere) first = *found;
  }
  return first;
}

/// Whether each row has another value, or some have none. Two rows tell nothing yet, unless they are counted.
bool names_no_device(const CsvSample& sample, std::size_t column) {
  const auto has_none = [&](const CsvSample::Fields& row) { return !CsvSample::tells(row, column); };
  if (std::any_of(sample.rows.begin(), sample.rows.end(), has_none)) return true;
  std::set<std::string_view> met;
  std::optional<std::int64_t> last;
  bool counted = true;
  for (const CsvSample::Fields& row : sample.rows) {
    if (!met.insert(row[column]).second) return false;
    const auto number = number_from<std::int64_t>(row[column]);
    counted = counted && number && (!last || *number == *last + 1);
    last = number;
  }
  return met.size() > 2 || (met.size() == 2 && counted);
}

}  // namespace

std::size_t device_column_of(const CsvSample& sample, std::vector<std::string>& warnings) {
  if (const std::size_t usual = usual_column_of(sample); usual != nowhere) return usual;
  for (const std::string_view name : doubtful_device_names()) {
    const auto found = CsvSample::column_of(name, sample.bare_names);
    if (!found) continue;
    if (!names_no_device(sample, *found)) return *found;
    const std::string shown = printable(sample.names[*found]);
    warnings.push_back(
        "the column " + shown +
        " has another value in each row, or none in some, so it is not read as the device (--columns device=" + shown +
        " reads it so)");
  }
  return nowhere;
}

}  // namespace packwalk::replay
