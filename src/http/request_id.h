// The id of a request in its response and in the log.
#pragma once

#include <string>
#include <string_view>

namespace packwalk {

/// `[A-Za-z0-9._-]{1,64}` without a token: the valid ids in X-Request-Id from a caller or a proxy.
bool is_request_id(std::string_view text);

/// 13 characters of 0-9 and a-v. Practically unique in a process. Not secret.
std::string make_request_id();

}  // namespace packwalk
