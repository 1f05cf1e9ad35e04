#include "core/packet/json_mend.h"

#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "base/text.h"

namespace packwalk {
namespace {

/// Limits beyond which RapidJSON may reject a number; no value of a packet comes near them.
constexpr std::size_t usual_number_size_max = 300;
constexpr std::size_t usual_exponent_digits_max = 2;

/// Two per packet of a request. No collar sends more.
constexpr std::size_t holes_max = 200'000;

constexpr std::string_view digits = "0123456789";

std::size_t end_of_digits(std::string_view text, std::size_t from) {
  return std::min(text.find_first_not_of(digits, from), text.size());
}

/// The parts of a number of RFC 8259, section 6.
struct NumberParts {
  std::string_view whole;
  std::string_view fraction;
  std::string_view exponent;  // with its sign
};

std::optional<NumberParts> number_parts(std::string_view text) {
  NumberParts parts;
  std::size_t at = text.starts_with('-') ? 1 : 0;
  std::size_t end = end_of_digits(text, at);
  parts.whole = text.substr(at, end - at);
  if (parts.whole.empty() || (parts.whole.size() > 1 && parts.whole[0] == '0')) return std::nullopt;
  at = end;
  if (at < text.size() && text[at] == '.') {
    end = end_of_digits(text, at + 1);
    parts.fraction = text.substr(at + 1, end - at - 1);
    if (parts.fraction.empty()) return std::nullopt;
    at = end;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t from = at + 1;
    if (from < text.size() && (text[from] == '+' || text[from] == '-')) ++from;
    end = end_of_digits(text, from);
    if (end == from) return std::nullopt;
    parts.exponent = text.substr(at + 1, end - at - 1);
    at = end;
  }
  return at == text.size() ? std::optional(parts) : std::nullopt;
}

/// Whether a number outside of the range of doubles is too small, not too large.
bool is_tiny(const NumberParts& parts) {
  const std::size_t first_whole = parts.whole.find_first_not_of('0');
  const std::size_t first_fraction = std::min(parts.fraction.find_first_not_of('0'), parts.fraction.size());
  const std::int64_t magnitude = first_whole != std::string_view::npos
                                     ? static_cast<std::int64_t>(parts.whole.size() - first_whole)
                                     : -static_cast<std::int64_t>(first_fraction);
  std::string_view exponent = parts.exponent;
  const bool is_negative = exponent.starts_with('-');
  if (is_negative || exponent.starts_with('+')) exponent.remove_prefix(1);
  exponent.remove_prefix(std::min(exponent.find_first_not_of('0'), exponent.size()));
  constexpr std::size_t decisive_digits = 17;  // no text is so long that its other digits could outweigh them
  if (exponent.size() > decisive_digits) return is_negative;
  const std::int64_t power = number_from<std::int64_t>(exponent).value_or(0);
  return magnitude + (is_negative ? -power : power) < 0;
}

/// Characters of words and numbers outside of strings.
bool is_of_a_word(char c) {
  return c > ' ' && c <= '~' && std::string_view("{}[]:,\"").find(c) == std::string_view::npos;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool is_usual(const NumberParts& parts) {
  return parts.whole.size() + parts.fraction.size() <= usual_number_size_max &&
         parts.exponent.size() <= usual_exponent_digits_max;
}

class Mender {
 public:
  explicit Mender(std::string_view text) : from_(text) { mended_.text = text; }

  std::optional<MendedText> run() {
    while (at_ < from_.size() && mended_.holes.size() <= holes_max) step();
    if (mended_.holes.empty() || mended_.holes.size() > holes_max) return std::nullopt;
    return std::move(mended_);
  }

 private:
  void step() {
    const char c = from_[at_];
    if (c == '"') {
      string();
    } else if (is_of_a_word(c)) {
      word();
    } else if (is_blank(c)) {
      ++at_;
    } else {
      mark(c);
    }
  }

  /// A bracket, a colon or a comma.
  void mark(char c) {
    if (colon_ && c != ':') field_without_value();
    if (c == '{' || c == '[') ++depth_;
    if ((c == '}' || c == ']') && depth_ > 0) --depth_;
    colon_.reset();
    if (c == ':') colon_ = at_;
    ++at_;
  }

  /// `"altitude":,` becomes `"???????":0,`.
  void field_without_value() {
    const char c = from_[at_];
    if (c != ',' && c != '}') return;
    if (*colon_ + 1 < at_) return fill(*colon_ + 1, at_ - *colon_ - 1, {});
    constexpr std::string_view empty_field = R"("":0)";
    const std::size_t size = at_ - string_from_;
    if (size < empty_field.size() || !trimmed(from_.substr(string_to_, *colon_ - string_to_)).empty()) return;
    mended_.text.replace(string_from_, size, "\"" + std::string(size - empty_field.size(), '?') + "\":0");
    mended_.holes.push_back({string_from_, size});
  }

  /// Up to the next mark, blanks within it included: `102 m` is one.
  void word() {
    const std::size_t from = at_;
    std::size_t to = at_;
    for (; at_ < from_.size() && (is_of_a_word(from_[at_]) || from_[at_] == ' ' || from_[at_] == '\t'); ++at_) {
      if (is_of_a_word(from_[at_])) to = at_ + 1;
    }
    colon_.reset();
    const std::string_view found = from_.substr(from, to - from);
    if (depth_ == 0 || found == "null" || found == "true" || found == "false") return;
    const std::optional<NumberParts> parts = number_parts(found);
    if (parts && is_usual(*parts)) return;
    fill(from, found.size(), parts ? std::optional(double_of_json(found)) : std::nullopt);
  }

  void fill(std::size_t from, std::size_t size, std::optional<double> number) {
    mended_.text.replace(from, size, size, ' ');
    mended_.text[from] = '0';
    mended_.holes.push_back({from, size});
    if (number) mended_.holes.back().number = *number;
  }

  void string() {
    colon_.reset();
    string_from_ = at_++;
    while (at_ < from_.size() && from_[at_] != '"') character();
    string_to_ = std::min(++at_, from_.size());
    at_ = string_to_;
  }

  void character() {
    const auto byte = static_cast<unsigned char>(from_[at_]);
    const std::size_t size = byte == '\\' ? size_of_escape() : byte >= 0x80 ? size_of_utf8() : byte < ' ' ? 0 : 1;
    if (size == 0) {
      mended_.text[at_] = '?';
      if (mended_.holes.empty() || mended_.holes.back().from < string_from_) mended_.holes.push_back({string_from_, 1});
    }
    at_ += std::max<std::size_t>(size, 1);
  }

  /// 0 if there is no such character.
  std::size_t size_of_utf8() const {
    rapidjson::MemoryStream bytes(from_.data() + at_, from_.size() - at_);
    unsigned code_point = 0;
    return rapidjson::UTF8<>::Decode(bytes, &code_point) ? bytes.Tell() : 0;
  }

  std::size_t size_of_escape() const {
    if (at_ + 1 >= from_.size()) return 0;
    if (from_[at_ + 1] != 'u')
      return std::string_view("\"\\/bfnrt").find(from_[at_ + 1]) != std::string_view::npos ? 2 : 0;
    const std::optional<unsigned> unit = utf16_unit(at_);
    if (!unit || (*unit >= 0xDC00 && *unit <= 0xDFFF)) return 0;
    if (*unit < 0xD800 || *unit > 0xDBFF) return 6;
    const std::optional<unsigned> low = utf16_unit(at_ + 6);
    return low && *low >= 0xDC00 && *low <= 0xDFFF ? 12 : 0;
  }

  /// The number of `\u0041`.
  std::optional<unsigned> utf16_unit(std::size_t at) const {
    const std::string_view escape = from_.substr(std::min(at, from_.size()), 6);
    if (escape.size() != 6 || !escape.starts_with("\\u")) return std::nullopt;
    unsigned unit = 0;
    const char* const end = escape.data() + 6;
    if (std::from_chars(escape.data() + 2, end, unit, 16).ptr != end) return std::nullopt;
    return unit;
  }

  std::string_view from_;
  MendedText mended_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t string_from_ = 0;  // the last one, with its quotes
  std::size_t string_to_ = 0;
  std::optional<std::size_t> colon_;  // if only blanks follow
};

}  // namespace

std::optional<double> double_from(std::string_view text) {
  if (const std::optional<double> number = number_from<double>(text)) return number;
  const std::optional<NumberParts> parts = number_parts(text);
  return parts && is_tiny(*parts) ? std::optional(0.0) : std::nullopt;
}

double double_of_json(std::string_view number) {
  return double_from(number).value_or(std::numeric_limits<double>::quiet_NaN());
}

std::optional<MendedText> mended_json(std::string_view text) { return Mender(text).run(); }

}  // namespace packwalk
