// What one line of CSV looks like, before its quotes are taken apart.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace packwalk::replay {

inline bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\0'; }

inline std::string_view without_blanks(std::string_view field) {
  while (!field.empty() && is_blank(field.front())) field.remove_prefix(1);
  while (!field.empty() && is_blank(field.back())) field.remove_suffix(1);
  return field;
}

/// Whether its first character that is not blank is #.
bool is_comment(std::string_view line);

/// The one of , ; tab | that stands most often between the fields of `line`.
char likeliest_separator(std::string_view line);
/// `sep=;`, as Excel has it in the first line, also in quotes; else '\0'.
char stated_separator(std::string_view line);

/// At least 1.
std::size_t fields_outside_quotes(char separator, std::string_view line);
/// The fields of a line whose quotes are closed, as they stand there.
std::vector<std::string_view> fields_of(char separator, std::string_view line);
/// Whether mostly numbers stand in `fields` where numbers stand in `row`, which has as many. Empty ones tell nothing.
bool looks_like(const std::vector<std::string_view>& row, const std::vector<std::string_view>& fields);

}  // namespace packwalk::replay
