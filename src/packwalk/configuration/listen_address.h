// The address of a listener, as the configuration writes it.
#pragma once

#include <string>

#include "http/server.h"

namespace packwalk {

/// Sets host and port: "127.0.0.1:8080", "[::1]:8080", "localhost:0". An error describes the expected text.
Result<void> set_address(ServerOptions& listener, const std::string& address);

}  // namespace packwalk
