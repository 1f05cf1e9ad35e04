#include "packwalk/configuration/service_links.h"

#include <algorithm>
#include <array>

#include "base/ascii.h"

namespace packwalk {
namespace {

constexpr std::string_view prefix = "PACKWALK_";
constexpr std::array<std::string_view, 3> protocols = {"TCP", "UDP", "SCTP"};

/// Removes the first word and the `_` after it from `text`, and returns the word.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find('_'), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

bool is_number(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

/// 8080_TCP, 8080_TCP_PROTO, 8080_TCP_PORT, 8080_TCP_ADDR
bool is_port(std::string_view text) {
  if (!is_number(take_word(text))) return false;
  if (std::find(protocols.begin(), protocols.end(), take_word(text)) == protocols.end()) return false;
  return text.empty() || text == "PROTO" || text == "PORT" || text == "ADDR";
}

/// tcp://10.0.0.7:8080
bool is_address(std::string_view value) {
  return value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
}

}  // namespace

bool is_service_link(std::string_view name, std::string_view value) {
  if (!name.starts_with(prefix)) return false;
  // The name of the Service may have more words, and each may be a word of our keys.
  for (std::string_view rest = name.substr(prefix.size()); !rest.empty(); take_word(rest)) {
    if (rest == "SERVICE_HOST" || rest == "SERVICE_PORT" || rest.starts_with("SERVICE_PORT_")) return true;
    if (rest == "PORT" && is_address(value)) return true;
    if (rest.starts_with("PORT_") && is_port(rest.substr(5))) return true;
  }
  return false;
}

}  // namespace packwalk
