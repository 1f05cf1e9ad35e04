#include "http/request_target.h"

#include <algorithm>
#include <cstdint>

#include "base/ascii.h"
#include "base/text.h"

namespace packwalk {
namespace {

constexpr std::string_view behind_scheme = "://";
constexpr std::size_t port_digits_max = 5;

bool is_name_byte(char byte) {
  return is_alphanumeric(byte) || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

bool is_ipv6_byte(char byte) {
  return (byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F') || is_digit(byte) || byte == ':' || byte == '.';
}

bool is_port(std::string_view text) {
  return text.empty() || (text.size() <= port_digits_max && number_from<std::uint16_t>(text).has_value());
}

}  // namespace

bool is_valid_host(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos || end < 3) return false;
    const std::string_view address = host.substr(1, end - 1);
    const std::string_view rest = host.substr(end + 1);
    return std::all_of(address.begin(), address.end(), is_ipv6_byte) &&
           (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1))));
  }
  const std::size_t colon = std::min(host.find(':'), host.size());
  const std::string_view name = host.substr(0, colon);
  return !name.empty() && std::all_of(name.begin(), name.end(), is_name_byte) &&
         (colon == host.size() || is_port(host.substr(colon + 1)));
}

Result<RequestTarget> split_target(std::string_view target) {
  const std::size_t scheme_end = target.find(behind_scheme);
  if (!target.starts_with('/') && scheme_end != std::string_view::npos) {
    const std::string scheme = lower_case(target.substr(0, scheme_end));
    if (scheme != "http" && scheme != "https") {
      return fail(Errc::invalid_input, "The target is neither a path nor an http URL. Send a path.");
    }
    target.remove_prefix(scheme_end + behind_scheme.size());
    const std::size_t host_end = std::min(target.find_first_of("/?"), target.size());
    if (!is_valid_host(target.substr(0, host_end))) {
      return fail(Errc::invalid_input, "The host of the target is neither a name nor an address. Send a path.");
    }
    target.remove_prefix(host_end);
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  return RequestTarget{.path = mark == 0 ? "/" : std::string(target.substr(0, mark)),
                       .query = std::string(target.substr(std::min(mark + 1, target.size())))};
}

}  // namespace packwalk
