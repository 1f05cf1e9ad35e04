#include "packwalk/configuration/listen_address.h"

#include <string_view>
#include <utility>

#include "base/text.h"
#include "http/server.h"

namespace packwalk {

Result<ListenAddress> listen_address_from(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : number_from<std::uint16_t>(std::string_view(text).substr(colon + 1));
  if (!port || colon == 0)
    return fail(Errc::invalid_input, "must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080");
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (!is_ip_address(host)) {
    return fail(Errc::invalid_input, "must begin with an IP address of this machine, such as 127.0.0.1 or 0.0.0.0");
  }
  return ListenAddress{std::move(host), *port};
}

}  // namespace packwalk
