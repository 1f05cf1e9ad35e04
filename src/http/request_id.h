// What names a request in its response and in the log.
#pragma once

#include <string>
#include <string_view>

namespace packwalk {

/// `[A-Za-z0-9._-]{1,64}`: what a caller or a proxy may name its request, in X-Request-Id.
bool is_request_id(std::string_view text);

/// 13 characters of 0-9 and a-v. No two requests of a process have the same with any likelihood. Not secret.
std::string make_request_id();

}  // namespace packwalk
