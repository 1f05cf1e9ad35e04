// The beginning of a CSV file: by it a reader finds out which column tells what.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "replay/field_values.h"

namespace packwalk::replay {

inline constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

struct CsvSample {
  using Fields = std::vector<std::string>;

  Fields names;       // of the columns, as the file spells them
  Fields bare_names;  // likewise, as replay/column_names spells them
  std::vector<Fields> rows;

  static std::optional<std::size_t> column_of(std::string_view name, const Fields& names) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::nullopt : std::optional(static_cast<std::size_t>(found - names.begin()));
  }
  std::optional<std::size_t> first_column_of(std::span<const std::string_view> usual) const {
    for (const std::string_view name : usual) {
      if (const auto found = column_of(name, bare_names)) return found;
    }
    return std::nullopt;
  }

  static bool tells(const Fields& row, std::size_t column) { return column < row.size() && !is_missing(row[column]); }
  /// What stands in the first row in which anything stands there; else empty.
  std::string_view first_told(std::size_t column) const {
    const auto found = std::find_if(rows.begin(), rows.end(), [&](const Fields& row) { return tells(row, column); });
    return found == rows.end() ? std::string_view() : std::string_view((*found)[column]);
  }
};

}  // namespace packwalk::replay
