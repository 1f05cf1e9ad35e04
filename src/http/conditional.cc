#include "http/conditional.h"

#include <cstdint>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/hexadecimal.h"
#include "base/text.h"

namespace packwalk {
namespace {

constexpr std::string_view weak_mark = "W/";

void append_hexadecimal(std::string& text, std::uint64_t number) {
  const auto digits = hexadecimal(number);
  text.append(digits.data(), digits.size());
}

/// The tag without the W/ of a weak one.
std::string_view opaque_part(std::string_view etag) {
  if (etag.starts_with(weak_mark)) etag.remove_prefix(weak_mark.size());
  return etag;
}

}  // namespace

std::string weak_etag_of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  std::string etag = "W/\"";
  append_hexadecimal(etag, hash.high64);
  append_hexadecimal(etag, hash.low64);
  etag.push_back('"');
  return etag;
}

bool names_etag(std::string_view if_none_match, std::string_view etag) {
  std::string_view rest = trimmed(if_none_match);
  if (rest == "*") return true;
  while (!rest.empty()) {
    const std::string_view entry = opaque_part(rest);
    const std::size_t end = entry.find('"', 1);  // the quotes may contain a comma
    if (!entry.starts_with('"') || end == std::string_view::npos) return false;
    if (entry.substr(0, end + 1) == opaque_part(etag)) return true;
    rest = trimmed(entry.substr(end + 1));
    if (rest.empty()) return false;
    if (rest.front() != ',') return false;
    rest = trimmed(rest.substr(1));
  }
  return false;
}

}  // namespace packwalk
