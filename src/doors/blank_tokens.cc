#include "doors/blank_tokens.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "base/token.h"

namespace packwalk {
namespace {

/// One character of a text, and its size in bytes.
struct Unit {
  char character = 0;
  std::size_t size = 1;
};

constexpr std::size_t nuls_max = 3;  // NULs beside a character below 128: three in UTF-32, one in UTF-16

std::size_t nuls_at(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (count < nuls_max && at + count < text.size() && text[at + count] == '\0') ++count;
  return count;
}

/// The character below 128 with the code `digits`.
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

/// The end of the token that begins at `at`; `at` if none begins there. The same number of NULs stands between all
/// characters.
std::size_t end_of_token(std::string_view text, std::size_t at) {
  std::size_t characters = 0;
  std::size_t end = at;
  std::size_t gap = 0;
  for (std::size_t next = at; next < text.size(); next = end + gap) {
    const Unit unit = unit_at(text, next);
    const bool fits = characters < token_prefix.size() ? unit.character == token_prefix[characters]
                                                       : is_token_character(unit.character);
    if (!fits) break;
    ++characters;
    end = next + unit.size;
    if (characters == 1) gap = nuls_at(text, end);
    if (nuls_at(text, end) < gap) break;
  }
  return characters >= token_size ? end : at;
}

/// Finds possible beginnings of tokens, from left to right. Searches each spelling of a token's first character
/// separately, which is fast if there are few.
class Starts {
 public:
  explicit Starts(std::string_view text) : text_(text) {
    for (Way& way : ways_) way.next = find(way, 0);
  }

  /// The first one at or after `from`, which never decreases.
  std::size_t next(std::size_t from) {
    std::size_t first = std::string_view::npos;
    for (Way& way : ways_) {
      if (way.next < from) way.next = find(way, from);
      first = std::min(first, way.next);
    }
    return first;
  }

 private:
  struct Way {
    std::string_view spelling;
    std::size_t next = 0;
  };

  std::size_t find(const Way& way, std::size_t from) const {
    for (std::size_t at = from; (at = text_.find(way.spelling, at)) != std::string_view::npos; ++at) {
      if (way.spelling.front() == '\\' ? is_escape(at) : may_go_on(at + way.spelling.size())) return at;
    }
    return std::string_view::npos;
  }

  /// A backslash after another one does not begin an escape.
  bool is_escape(std::size_t at) const {
    const std::size_t before = at == 0 ? std::string_view::npos : text_.find_last_not_of('\\', at - 1);
    return (at - before) % 2 == 1;  // npos is the position before the first
  }

  /// Whether the second character of a token, or an escape, may begin there.
  bool may_go_on(std::size_t at) const {
    return at < text_.size() &&
           (text_[at] == token_prefix[1] || text_[at] == '%' || text_[at] == '\\' || text_[at] == '\0');
  }

  std::string_view text_;
  std::array<Way, 3> ways_{Way{"p"}, Way{"%70"}, Way{"\\u0070"}};
};
static_assert(token_prefix.front() == 'p');

}  // namespace

bool blank_tokens(std::string& text) {
  Starts starts(text);
  bool any = false;
  for (std::size_t at = 0; (at = starts.next(at)) != std::string::npos;) {
    const std::size_t end = end_of_token(text, at);
    if (end > at) {
      std::fill(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end), '*');
      any = true;
    }
    at = std::max(end, at + 1);
  }
  return any;
}

}  // namespace packwalk
