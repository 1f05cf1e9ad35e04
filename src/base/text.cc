#include "base/text.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "base/number_bytes.h"

namespace packwalk {
namespace {

template <class Number>
void append_shortest(std::string& text, Number value) {
  std::array<char, 32> buffer{};
  text.append(buffer.data(), std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr);
}

template <int decimals>
void append_fixed(std::string& text, double value) {
  std::array<char, number_bytes_max> buffer;
  text.append(buffer.data(), put_fixed<decimals>(buffer.data(), value));
}

}  // namespace

std::size_t utf8_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned first = byte(0);
  const std::size_t size = first >= 0xC2 && first <= 0xDF   ? 2
                           : (first & 0xF0) == 0xE0         ? 3
                           : first >= 0xF0 && first <= 0xF4 ? 4
                                                            : 0;
  const unsigned least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned greatest = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (size == 0 || byte(1) < least || byte(1) > greatest) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  return size;
}

namespace {

/// The first character of `text`, or as \xNN its first byte; gives how many bytes that are.
std::size_t append_visible(std::string& shown, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(text[0]);
  const std::size_t size = byte >= 0x80 ? utf8_size(text) : byte >= 0x20 && byte != 0x7F ? 1 : 0;
  const bool is_control = byte == 0xC2 && size == 2 && static_cast<unsigned char>(text[1]) < 0xA0;  // C1
  if (size > 0 && !is_control) {
    shown.append(text, 0, size);
    return size;
  }
  shown.append("\\x").push_back(digits[byte >> 4]);
  shown.push_back(digits[byte & 15]);
  return 1;
}

}  // namespace

void append_number(std::string& text, double value) {
  assert(std::isfinite(value));
  append_shortest(text, value);
}
void append_number(std::string& text, std::int64_t value) { append_shortest(text, value); }

void append_degrees(std::string& text, double degrees) { append_fixed<7>(text, degrees); }
void append_meters(std::string& text, double meters) { append_fixed<2>(text, meters); }

double said_meters(double meters) {
  const double with_two_decimals = std::round(meters * 100) / 100;
  if (std::round(with_two_decimals) == std::round(meters)) return meters;
  return meters - std::copysign(0.005, meters);
}

void append_told_meters(std::string& text, double meters) { append_meters(text, said_meters(meters)); }

std::string numbered(std::string_view prefix, std::size_t number, std::size_t digits) {
  const std::string figures = std::to_string(number);
  return std::string(prefix).append(digits - std::min(digits, figures.size()), '0').append(figures);
}

std::string counted(std::int64_t count, std::string_view one, std::string_view many) {
  std::string text;
  append_number(text, count);
  return text.append(" ").append(count == 1 ? one : many);
}

std::string counted(std::int64_t count, std::string_view one) { return counted(count, one, std::string(one) + "s"); }

std::string host_and_port(std::string_view host, std::uint16_t port) {
  const bool six = host.find(':') != std::string_view::npos;
  std::string text = six ? "[" : "";
  return text.append(host).append(six ? "]:" : ":").append(std::to_string(port));
}

void append_json_string(std::string& text, std::string_view value) {
  constexpr std::string_view digits = "0123456789abcdef";
  text.push_back('"');
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      text.push_back('\\');
      text.push_back(c);
    } else if (byte < 0x20) {
      text.append("\\u00");
      text.push_back(digits[byte >> 4]);
      text.push_back(digits[byte & 15]);
    } else if (byte < 0x80) {
      text.push_back(c);
    } else if (const std::size_t size = utf8_size(value.substr(i)); size > 0) {
      text.append(value, i, size);
      i += size - 1;
    } else {
      text.append("\xEF\xBF\xBD");
    }
  }
  text.push_back('"');
}

std::string_view next_line(std::string_view text, std::size_t& at) {
  const std::size_t end = std::min(text.find('\n', at), text.size());
  std::string_view line = text.substr(at, end - at);
  at = std::min(end + 1, text.size());
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::string printable(std::string_view text) {
  constexpr std::size_t shown_max = 100;
  std::string shown;
  std::size_t at = 0;
  while (at < text.size() && at < shown_max) at += append_visible(shown, text.substr(at));
  if (at < text.size()) shown.append(".. (").append(std::to_string(text.size())).append(" bytes)");
  return shown;
}

std::string for_terminal(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\n' || text[at] == '\t') {
      shown.push_back(text[at++]);
    } else {
      at += append_visible(shown, text.substr(at));
    }
  }
  return shown;
}

std::string form_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
      decoded.push_back(static_cast<char>(byte));
      i += 2;
    } else {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return decoded;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

}  // namespace packwalk
