#include "base/typed_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/ascii.h"

namespace packwalk {
namespace {

/// The zeros of the decimal digits (general category Nd) of scripts in use, in the order of Unicode.
constexpr std::array<std::uint32_t, 21> zeros = {0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6,
                                                 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0DE6, 0x0E50,
                                                 0x0ED0, 0x0F20, 0x1040, 0x17E0, 0x1810, 0x19D0, 0xFF10};
constexpr std::uint32_t digits_in_a_row = 10;

struct Character {
  std::uint32_t code_point = 0;
  std::size_t size = 1;
};

/// The character of two or three bytes that begins `text`; of others, what is not looked for.
Character character_at(std::string_view text) {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  if ((byte(0) & 0xE0U) == 0xC0U && continues(1)) return {(byte(0) & 0x1FU) << 6U | (byte(1) & 0x3FU), 2};
  if ((byte(0) & 0xF0U) == 0xE0U && continues(1) && continues(2)) {
    return {(byte(0) & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU), 3};
  }
  return {};
}

/// What stands for a character beyond ASCII: a letter, or nothing at all ('\0').
std::optional<char> ascii_of(std::uint32_t code_point) {
  const auto* const after = std::upper_bound(zeros.begin(), zeros.end(), code_point);
  if (after != zeros.begin() && code_point - *(after - 1) < digits_in_a_row) {
    return static_cast<char>('0' + static_cast<int>(code_point - *(after - 1)));
  }
  switch (code_point) {
    case 0x066B:  // the decimal separator of Arabic
    case 0xFF0E:
      return '.';
    case 0x2212:
    case 0xFF0D:
      return '-';
    case 0x061C:
    case 0x200E:
    case 0x200F:
      return '\0';
    default:
      return std::nullopt;
  }
}

/// 01:00, 0100 or 01
bool is_zone_without_sign(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 2 && text[i] == ':' && text.size() == 5) continue;
    if (!is_digit(text[i])) return false;
    digits.push_back(text[i]);
  }
  return digits.size() == 2 || digits.size() == 4;
}

}  // namespace

std::string with_ascii_digits(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const Character character = static_cast<unsigned char>(text.front()) < 0x80 ? Character{} : character_at(text);
    if (const std::optional<char> ascii = ascii_of(character.code_point)) {
      if (*ascii != '\0') plain.push_back(*ascii);
    } else {
      plain.append(text.substr(0, character.size));
    }
    text.remove_prefix(character.size);
  }
  return plain;
}

std::string with_plus_before_zone(std::string_view time) {
  std::string mended(time);
  const std::size_t space = time.rfind(' ');
  if (space == std::string_view::npos || !is_zone_without_sign(time.substr(space + 1))) return mended;
  const std::string_view before = time.substr(0, space);
  // Of a day and a time alone, the space stands between them.
  if (before.find(':') != std::string_view::npos && is_digit(before.back())) mended[space] = '+';
  return mended;
}

}  // namespace packwalk
