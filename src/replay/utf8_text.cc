#include "replay/utf8_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/text.h"

namespace packwalk::replay {
namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";

void append_utf8(std::string& text, std::uint32_t point) {
  const auto append = [&text](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return append(point);
  if (point < 0x800) {
    append(0xC0 | (point >> 6));
  } else if (point < 0x10000) {
    append(0xE0 | (point >> 12));
    append(0x80 | ((point >> 6) & 0x3F));
  } else {
    append(0xF0 | (point >> 18));
    append(0x80 | ((point >> 12) & 0x3F));
    append(0x80 | ((point >> 6) & 0x3F));
  }
  append(0x80 | (point & 0x3F));
}

/// The units of UTF-16 in a text, one after another.
class Utf16 {
 public:
  Utf16(std::string_view bytes, bool big_endian) : bytes_(bytes), high_(big_endian ? 0 : 1) {}

  bool at_end() const { return at_ + 1 >= bytes_.size(); }

  std::uint32_t next_point() {
    const std::uint32_t unit = next_unit();
    if (unit < 0xD800 || unit > 0xDFFF) return unit;
    if (unit > 0xDBFF || at_end()) return replacement;
    const std::uint32_t low = unit_at(at_);
    if (low < 0xDC00 || low > 0xDFFF) return replacement;
    at_ += 2;
    return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
  }

 private:
  static constexpr std::uint32_t replacement = 0xFFFD;

  std::uint32_t unit_at(std::size_t at) const {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(bytes_[i])); };
    return (byte(at + high_) << 8) | byte(at + 1 - high_);
  }
  std::uint32_t next_unit() {
    at_ += 2;
    return unit_at(at_ - 2);
  }

  std::string_view bytes_;
  std::size_t high_;  // which of two bytes is the greater
  std::size_t at_ = 0;
};

std::string_view from_utf16(std::string_view bytes, bool big_endian, std::string& converted) {
  converted.clear();
  converted.reserve(bytes.size());
  Utf16 units(bytes, big_endian);
  while (!units.at_end()) append_utf8(converted, units.next_point());
  return converted;
}

/// ISO-8859-1 of `<?xml version="1.0" encoding="ISO-8859-1"?>`, in small letters.
std::string declared_encoding(std::string_view text) {
  const std::string_view declaration = text.substr(0, std::min(text.find("?>"), text.size()));
  std::size_t at = declaration.starts_with("<?xml") ? declaration.find("encoding") : std::string_view::npos;
  if (at != std::string_view::npos) at = declaration.find_first_of("\"'", at);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = declaration.substr(at + 1);
  return lower_case(rest.substr(0, std::min(rest.find(declaration[at]), rest.size())));
}

/// What Windows has from 0x80 to 0x9F; 0 where it has nothing
/// (https://encoding.spec.whatwg.org/index-windows-1252.txt).
constexpr std::array<std::uint16_t, 32> windows_only = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                                        0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

}  // namespace

namespace {

/// Where the first byte beyond ASCII stands from `at` on, eight at a time.
std::size_t beyond_ascii(std::string_view text, std::size_t at) {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  for (std::uint64_t eight = 0; at + sizeof eight <= text.size(); at += sizeof eight) {
    std::memcpy(&eight, text.data() + at, sizeof eight);
    if ((eight & high_bits) != 0) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

}  // namespace

bool is_windows_1252(std::string_view text) {
  bool has_more = false;
  for (std::size_t at = beyond_ascii(text, 0); at < text.size(); at = beyond_ascii(text, at + 1)) {
    if (utf8_size(text.substr(at)) > 0) return false;
    has_more = true;
  }
  return has_more;
}

std::string from_windows_1252(std::string_view text) {
  std::string converted;
  converted.reserve(text.size() + text.size() / 16);
  for (const char c : text) {
    const std::uint32_t byte = static_cast<unsigned char>(c);
    const std::uint32_t point = byte >= 0x80 && byte < 0xA0 ? windows_only.at(byte - 0x80) : byte;
    append_utf8(converted, point > 0 || byte == 0 ? point : 0xFFFD);
  }
  return converted;
}

std::string_view utf8_xml(std::string_view text, std::string& converted) {
  const std::string encoding = declared_encoding(text);
  // What only Windows has, from 0x80 to 0x9F, is in no name of a device that anybody would look for.
  if (encoding != "iso-8859-1" && encoding != "latin1" && encoding != "windows-1252") return text;
  converted.clear();
  converted.reserve(text.size());
  for (const char c : text) append_utf8(converted, static_cast<unsigned char>(c));
  return converted;
}

std::string_view utf8_text(std::string_view text, std::string& converted) {
  if (text.starts_with(utf8_mark)) return text.substr(utf8_mark.size());
  if (text.starts_with("\xFF\xFE")) return from_utf16(text.substr(2), false, converted);
  if (text.starts_with("\xFE\xFF")) return from_utf16(text.substr(2), true, converted);
  if (text.size() < 4) return text;
  // ASCII, as the headers of all such files begin, has each second byte 0.
  if (text[0] != 0 && text[1] == 0 && text[2] != 0 && text[3] == 0) return from_utf16(text, false, converted);
  if (text[0] == 0 && text[1] != 0 && text[2] == 0 && text[3] != 0) return from_utf16(text, true, converted);
  return text;
}

}  // namespace packwalk::replay
