// The address that a listener has in the configuration.
#pragma once

#include <string>

#include "http/server.h"

namespace packwalk {

/// Sets host and port: "127.0.0.1:8080", "[::1]:8080", "localhost:0". An error says what the text must be.
Result<void> set_address(ServerOptions& listener, const std::string& address);

}  // namespace packwalk
