#include "replay/field_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "base/text.h"
#include "base/typed_text.h"

namespace packwalk::replay {
namespace {

constexpr std::size_t number_bytes_max = 64;

/// Here and below the number is returned, and not the optional that has it: copied as a whole, right after its parts
/// were written, an optional makes the processor wait, and a file has millions.
inline std::optional<double> finite(std::string_view digits) {
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

/// 48,7; but neither 1,234,567 nor 1,234.5
std::optional<double> with_decimal_comma(std::string_view digits) {
  const std::size_t comma = digits.find(',');
  if (comma == std::string_view::npos || digits.size() > number_bytes_max) return std::nullopt;
  if (digits.find_first_of(",.", comma + 1) != std::string_view::npos) return std::nullopt;
  std::string with_point(digits);
  with_point[comma] = '.';
  return finite(with_point);
}

/// What phones write whose language has digits of its own. Nothing where `text` is ASCII, has other letters too, or is
/// too long for a number.
std::optional<std::string> in_ascii_digits(std::string_view text) {
  constexpr std::size_t bytes_max = 4 * number_bytes_max;
  if (text.size() > bytes_max) return std::nullopt;
  const auto is_ascii = [](std::string_view each) {
    return std::all_of(each.begin(), each.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  };
  if (is_ascii(text)) return std::nullopt;
  std::string plain = with_ascii_digits(text);
  return is_ascii(plain) ? std::optional(std::move(plain)) : std::nullopt;
}

std::string_view without_degree_sign(std::string_view text) {
  for (const std::string_view sign : {"\xC2\xB0", "\xB0"}) {  // in UTF-8 and in Latin-1
    if (text.ends_with(sign)) return trimmed(text.substr(0, text.size() - sign.size()));
  }
  return text;
}

}  // namespace

bool is_missing(std::string_view text) {
  constexpr std::array<std::string_view, 8> words = {"", "-", "na", "n/a", "nan", "null", "none", "nil"};
  const std::string_view word = trimmed(text);
  return word.size() <= 4 && is_among(lower_case(word), words);
}

std::optional<double> finite_number_from(std::string_view text) {
  if (const auto number = finite(text)) return *number;
  std::string_view digits = trimmed(text);
  if (digits.starts_with('+') && !digits.starts_with("+-")) digits.remove_prefix(1);
  if (const auto number = finite(digits)) return *number;
  if (const auto number = with_decimal_comma(digits)) return number;
  const auto plain = in_ascii_digits(digits);
  return plain ? finite_number_from(*plain) : std::nullopt;
}

std::optional<DeviceTime> time_in(std::string_view text, const TimeSpelling& spelling) {
  if (const auto time = time_from_text(text, spelling)) return *time;
  const auto plain = in_ascii_digits(text);
  return plain ? time_from_text(*plain, spelling) : std::nullopt;
}

std::optional<DeviceTime> time_in(std::string_view date, std::string_view clock, const TimeSpelling& spelling) {
  if (const auto time = time_from_texts(date, clock, spelling)) return *time;
  const auto plain_date = in_ascii_digits(date);
  const auto plain_clock = in_ascii_digits(clock);
  if (!plain_date && !plain_clock) return std::nullopt;
  return time_from_texts(plain_date ? *plain_date : date, plain_clock ? *plain_clock : clock, spelling);
}

std::optional<int> hemisphere_from(std::string_view text, Axis axis) {
  const std::string_view letter = trimmed(text);
  if (letter.size() != 1) return std::nullopt;
  const auto is_either = [&](std::string_view both) { return both.find(letter[0]) != std::string_view::npos; };
  if (is_either(axis == Axis::latitude ? "Nn" : "Ee")) return 1;
  if (is_either(axis == Axis::latitude ? "Ss" : "Ww")) return -1;
  return std::nullopt;
}

std::optional<double> degrees_from(std::string_view text, Axis axis) {
  if (const auto number = finite(text)) return *number;
  if (const auto number = finite_number_from(text)) return number;
  std::string_view rest = trimmed(text);
  if (rest.size() < 2) return std::nullopt;
  std::optional<int> hemisphere = hemisphere_from(rest.substr(rest.size() - 1), axis);
  if (hemisphere) {
    rest.remove_suffix(1);
  } else if ((hemisphere = hemisphere_from(rest.substr(0, 1), axis))) {
    rest.remove_prefix(1);
  }
  const auto number = finite_number_from(without_degree_sign(trimmed(rest)));
  if (!number || !hemisphere) return number;
  return std::signbit(*number) ? std::nullopt : std::optional(*number * *hemisphere);
}

MaybeMeters accuracy_of_hdop(std::string_view text) {
  constexpr double meters_at_one = 5;
  const auto hdop = finite_number_from(text);
  return hdop && *hdop > 0 ? MaybeMeters(*hdop * meters_at_one) : MaybeMeters();
}

MaybeMeters meters_from(std::string_view text) {
  if (const auto number = finite_number_from(text)) return *number;
  std::string_view rest = trimmed(text);
  if (!rest.ends_with('m')) return {};
  rest.remove_suffix(1);
  const auto number = finite_number_from(rest);
  return number ? MaybeMeters(*number) : MaybeMeters();
}

}  // namespace packwalk::replay
