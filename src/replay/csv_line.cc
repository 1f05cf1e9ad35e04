#include "replay/csv_line.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/ascii.h"
#include "base/text.h"

namespace packwalk::replay {
namespace {

/// How often `separator` stands between the fields of `line`. A comma between two digits is a decimal comma wherever
/// something else is there to separate.
std::size_t count_of(char separator, std::string_view line) {
  const auto has_digit = [&](std::size_t i) { return i < line.size() && is_digit(line[i]); };
  const bool may_be_decimal = separator == ',' && line.find_first_of(";\t|") != std::string_view::npos;
  std::size_t count = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (quoted || line[i] != separator) continue;
    if (may_be_decimal && i > 0 && has_digit(i - 1) && has_digit(i + 1)) continue;
    ++count;
  }
  return count;
}

}  // namespace

bool is_comment(std::string_view line) {
  const auto* const first = std::find_if_not(line.begin(), line.end(), is_blank);
  return first != line.end() && *first == '#';
}

char likeliest_separator(std::string_view line) {
  constexpr std::array separators = {',', ';', '\t', '|'};
  return *std::max_element(separators.begin(), separators.end(),
                           [&](char a, char b) { return count_of(a, line) < count_of(b, line); });
}

char stated_separator(std::string_view line) {
  std::string_view bare = line;
  while (!bare.empty() && (bare.back() == '\r' || bare.back() == '"')) bare.remove_suffix(1);
  if (bare.starts_with('"')) bare.remove_prefix(1);
  return bare.size() == 5 && lower_case(bare.substr(0, 4)) == "sep=" ? bare[4] : '\0';
}

std::size_t fields_outside_quotes(char separator, std::string_view line) {
  std::size_t fields = 1;
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') quoted = !quoted;
    if (!quoted && c == separator) ++fields;
  }
  return fields;
}

std::vector<std::string_view> fields_of(char separator, std::string_view line) {
  std::vector<std::string_view> fields;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') quoted = !quoted;
    if (quoted || line[i] != separator) continue;
    fields.push_back(without_blanks(line.substr(begin, i - begin)));
    begin = i + 1;
  }
  fields.push_back(without_blanks(line.substr(begin)));
  return fields;
}

bool looks_like(const std::vector<std::string_view>& row, const std::vector<std::string_view>& fields) {
  assert(row.size() == fields.size());
  const auto is_number = [](std::string_view field) {
    if (field.starts_with('"')) field.remove_prefix(1);
    if (field.ends_with('"')) field.remove_suffix(1);
    const bool begins_so = field.find_first_of("0123456789+-.") == 0;
    return begins_so && field.find_first_of("\n\"") == std::string_view::npos;
  };
  std::size_t numbers = 0;
  std::size_t equal = 0;
  std::size_t other = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!is_number(row[i])) continue;
    ++numbers;
    if (!fields[i].empty()) ++(is_number(fields[i]) ? equal : other);
  }
  constexpr std::size_t least = 2;  // one may stand in a note
  return equal > other && equal >= std::min(least, numbers);
}

}  // namespace packwalk::replay
