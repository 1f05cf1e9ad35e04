// Small things about text: numbers into it and out of it, lines, JSON strings.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace packwalk {

/// The shortest text that reads back as `value`, which must be finite.
void append_number(std::string& text, double value);
void append_number(std::string& text, std::int64_t value);

/// In the form of answers and files, without an exponent: degrees with 7 decimals (11 mm), which suffice to decide
/// whether two packets are equal (core/packet/canonical_form.h), and metres with 2. Finite ones only.
void append_degrees(std::string& text, double degrees);
void append_meters(std::string& text, double meters);
/// Metres of a packet. The last decimal keeps the nearest whole metre, by which packets are compared.
void append_told_meters(std::string& text, double meters);
/// The value that append_told_meters() rounds to two decimals.
double said_meters(double meters);

/// "dog-0007": the number with zeros before it to `digits`.
std::string numbered(std::string_view prefix, std::size_t number, std::size_t digits);

/// "1 fix", "2 fixes". The nouns may be followed by a verb.
std::string counted(std::int64_t count, std::string_view one, std::string_view many);
/// For a noun with the plural -s: "1 row", "0 rows".
std::string counted(std::int64_t count, std::string_view one);

/// "127.0.0.1:80", "[::1]:80"
std::string host_and_port(std::string_view host, std::uint16_t port);

/// Bytes of the non-ASCII character that begins `text` (RFC 3629, table of section 4); 0 if there is none.
std::size_t utf8_size(std::string_view text);

/// Appends a JSON string with its quotes. Replaces bytes of `value` that are not UTF-8 by U+FFFD.
void append_json_string(std::string& text, std::string_view value);

/// The whole of `text` as a number; empty if it is not one.
template <class Number>
std::optional<Number> number_from(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Without the blanks, tabs and line ends at its ends.
inline std::string_view trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// The line of `text` that begins at `at`, without its end (\n or \r\n); moves `at` to the next one, or to the end.
std::string_view next_line(std::string_view text, std::size_t& at);

/// `text` for a message: control characters and bytes that are not UTF-8 become \xNN. At most about 100 bytes, followed
/// by the total size.
std::string printable(std::string_view text);

/// All of `text`, with lines and tabs. Other control characters and bytes that are not UTF-8 become \xNN.
std::string for_terminal(std::string_view text);

/// A name or value of a query or form: `+` is a space, `%2C` a byte. An invalid escape stays as it is.
std::string form_decoded(std::string_view text);

/// ASCII letters in lower case.
std::string lower_case(std::string_view text);

}  // namespace packwalk
