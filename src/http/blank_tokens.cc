#include "http/blank_tokens.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "base/token.h"

namespace packwalk {
namespace {

/// One character of a text, and the bytes that it takes there.
struct Unit {
  char character = 0;
  std::size_t size = 1;
};

/// The character below 128 that `digits` name.
std::optional<char> character_of(std::string_view digits) {
  unsigned value = 0;
  const char* const end = digits.data() + digits.size();
  if (std::from_chars(digits.data(), end, value, 16).ptr != end || value >= 0x80) return std::nullopt;
  return static_cast<char>(value);
}

Unit unit_at(std::string_view text, std::size_t at) {
  const std::string_view rest = text.substr(at);
  std::optional<char> escaped;
  std::size_t size = 0;
  if (rest.starts_with("\\u") && rest.size() >= 6) {
    size = 6;
    escaped = character_of(rest.substr(2, 4));
  } else if (rest.front() == '%' && rest.size() >= 3) {
    size = 3;
    escaped = character_of(rest.substr(1, 2));
  }
  return escaped ? Unit{*escaped, size} : Unit{rest.front(), 1};
}

/// The end of the token that begins at `at`; `at` itself where none does.
std::size_t end_of_token(std::string_view text, std::size_t at) {
  std::size_t characters = 0;
  std::size_t end = at;
  while (end < text.size()) {
    const Unit unit = unit_at(text, end);
    const bool fits = characters < token_prefix.size() ? unit.character == token_prefix[characters]
                                                       : is_token_character(unit.character);
    if (!fits) break;
    ++characters;
    end += unit.size;
  }
  return characters >= token_size ? end : at;
}

/// Where the next token may begin. An escape of JSON is none behind another backslash.
std::size_t next_start(std::string_view text, std::size_t from, bool escapes) {
  if (!escapes) return text.find(token_prefix, from);
  for (std::size_t at = from; at < text.size(); ++at) {
    at = text.find_first_of("p\\%", at);
    if (at == std::string_view::npos) break;
    if (text[at] == '\\' && text.substr(at + 1, 1) == "\\") {
      ++at;
    } else if (unit_at(text, at).character == token_prefix.front()) {
      return at;
    }
  }
  return std::string_view::npos;
}

}  // namespace

bool blank_tokens(std::string& text) {
  const bool escapes = text.find("\\u") != std::string::npos || text.find('%') != std::string::npos;
  bool any = false;
  for (std::size_t at = 0; (at = next_start(text, at, escapes)) != std::string_view::npos;) {
    const std::size_t end = end_of_token(text, at);
    if (end == at) {
      ++at;
      continue;
    }
    std::fill(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end), '*');
    any = true;
    at = end;
  }
  return any;
}

}  // namespace packwalk
