// Errors as RFC 9457 problem documents.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/exchange.h"

namespace packwalk {

/// `detail` is for whoever sent the request: a sentence that says what to do. `byte_offset` is where the body broke.
Response problem(int status, std::string_view detail, std::optional<std::size_t> byte_offset = std::nullopt);

/// For `try_again` where the cause mostly passes within seconds.
inline constexpr int retry_soon_seconds = 5;

/// 503 with Retry-After: the same request may be sent again.
Response try_again(std::string_view detail, int after_seconds);

/// 404 for a path where nothing is.
Response nothing_at_path();

/// 401, which names the scheme; and says whether the caller showed a token at all (RFC 6750).
Response unauthorized(std::string_view detail, bool showed_token = false);

/// 400, 404, 413, 503 or 500 by its code; what is not for the sender stays out.
Response problem_of(const Error& error);

/// "Not Found" and so on; "" for a status that we never send.
std::string_view reason_phrase(int status);

}  // namespace packwalk
