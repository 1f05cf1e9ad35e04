// The address of a listener, as the configuration writes it.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace packwalk {

struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
};

/// Reads "127.0.0.1:8080", "[::1]:8080", "localhost:0". An error describes the expected text.
Result<ListenAddress> listen_address_from(const std::string& text);

/// Sets host and port of a ServerOptions or a ListenerOptions.
template <class Options>
Result<void> set_address(Options& listener, const std::string& text) {
  auto address = listen_address_from(text);
  if (!address) return address.failure();
  listener.host = std::move(address->host);
  listener.port = address->port;
  return {};
}

}  // namespace packwalk
