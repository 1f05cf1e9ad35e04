// A row that our programs cannot have written: damage of the disk, or a person's change.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "adapters/sql/connection.h"

namespace packwalk::sql {

/// Thrown by readers of rows, and caught by the driver, which returns Errc::corrupt: see impossible_row_error().
/// Another attempt would not help, and only this row is affected.
class ImpossibleRow : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Names the table and the parameters of the query.
inline Failure impossible_row_error(std::string_view table, std::span<const Value> key, const ImpossibleRow& row) {
  std::string text = "an impossible row of " + std::string(table) + " (queried by";
  for (const Value& each : key) {
    if (const auto* number = std::get_if<std::int64_t>(&each)) text.append(" ").append(std::to_string(*number));
  }
  return fail(Errc::corrupt, text + "): " + row.what() + ". Run `packwalk check`, which checks all rows of the device");
}

/// The first table that a statement reads.
inline std::string_view table_of(std::string_view statement) {
  constexpr std::string_view from = " FROM ";
  for (auto at = statement.find(from); at != std::string_view::npos; at = statement.find(from, at + 1)) {
    const std::string_view rest = statement.substr(at + from.size());
    if (!rest.starts_with('(')) return rest.substr(0, rest.find_first_of(" )"));
  }
  return "the database";
}

/// A whole number from `least` to `greatest`.
inline std::int64_t whole_at(const Row& row, int column, std::int64_t least, std::int64_t greatest, const char* name) {
  const std::int64_t number = row.integer(column);
  if (number == 0 && row.is_null(column)) throw ImpossibleRow(std::string(name) + " is missing");
  if (number >= least && number <= greatest) return number;
  throw ImpossibleRow(std::string(name) + " is " + std::to_string(number));
}
inline std::int64_t count_at(const Row& row, int column, const char* name) {
  return whole_at(row, column, 0, std::numeric_limits<std::int64_t>::max(), name);
}
inline std::uint8_t byte_at(const Row& row, int column, const char* name) {
  return static_cast<std::uint8_t>(whole_at(row, column, 0, 255, name));
}

inline double finite_at(const Row& row, int column, const char* name) {
  const double number = row.real(column);
  if (number == 0 && row.is_null(column)) throw ImpossibleRow(std::string(name) + " is missing");
  if (!std::isfinite(number)) throw ImpossibleRow(std::string(name) + " is no number");
  return number;
}

}  // namespace packwalk::sql
