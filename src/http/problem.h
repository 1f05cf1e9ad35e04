// Errors as RFC 9457 problem documents.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/exchange.h"

namespace packwalk {

/// The kinds of problems. Each has a code for programs, which never changes, and a status.
enum class Problem : std::uint8_t {
  malformed_request,
  invalid_request,
  unreadable_body,
  unknown_parameter,
  repeated_parameter,
  missing_parameter,
  invalid_parameter,
  invalid_cursor,
  no_token,
  unknown_token,
  forbidden,
  not_found,
  unknown_path,
  unknown_device,
  no_position_yet,
  unknown_track,
  fixes_not_kept,
  wrong_method,
  too_large,
  unknown_form,
  too_many_log_ins,
  head_too_large,
  server_fault,
  overloaded,
  unavailable,
  not_ready,
  query_too_long,
  token_replaced,
  device_limit,
};

struct ProblemKind {
  Problem problem;
  int status;
  std::string_view code;
};
inline constexpr std::array problem_kinds = {
    ProblemKind{Problem::malformed_request, 400, "malformed_request"},
    ProblemKind{Problem::invalid_request, 400, "invalid_request"},
    ProblemKind{Problem::unreadable_body, 400, "unreadable_body"},
    ProblemKind{Problem::unknown_parameter, 400, "unknown_parameter"},
    ProblemKind{Problem::repeated_parameter, 400, "repeated_parameter"},
    ProblemKind{Problem::missing_parameter, 400, "missing_parameter"},
    ProblemKind{Problem::invalid_parameter, 400, "invalid_parameter"},
    ProblemKind{Problem::invalid_cursor, 400, "invalid_cursor"},
    ProblemKind{Problem::no_token, 401, "no_token"},
    ProblemKind{Problem::unknown_token, 401, "unknown_token"},
    ProblemKind{Problem::forbidden, 403, "forbidden"},
    ProblemKind{Problem::not_found, 404, "not_found"},
    ProblemKind{Problem::unknown_path, 404, "unknown_path"},
    ProblemKind{Problem::unknown_device, 404, "unknown_device"},
    ProblemKind{Problem::no_position_yet, 404, "no_position_yet"},
    ProblemKind{Problem::unknown_track, 404, "unknown_track"},
    ProblemKind{Problem::fixes_not_kept, 404, "fixes_not_kept"},
    ProblemKind{Problem::wrong_method, 405, "wrong_method"},
    ProblemKind{Problem::too_large, 413, "too_large"},
    ProblemKind{Problem::unknown_form, 415, "unknown_form"},
    ProblemKind{Problem::too_many_log_ins, 429, "too_many_log_ins"},
    ProblemKind{Problem::head_too_large, 431, "head_too_large"},
    ProblemKind{Problem::server_fault, 500, "server_fault"},
    ProblemKind{Problem::overloaded, 503, "overloaded"},
    ProblemKind{Problem::unavailable, 503, "unavailable"},
    ProblemKind{Problem::not_ready, 503, "not_ready"},
    ProblemKind{Problem::query_too_long, 503, "query_too_long"},
    ProblemKind{Problem::token_replaced, 503, "token_replaced"},
    ProblemKind{Problem::device_limit, 503, "device_limit"},
};

/// The part of a request that has the problem, if it is known.
struct ProblemPart {
  std::string_view parameter{};              // of the query
  std::optional<std::size_t> byte_offset{};  // offset in the body
};

/// {"type", "title", "status", "code", "detail"}, and "param" or "byte_offset". `detail` tells the sender of the
/// request what to do. The type is the path /problems/CODE: relative to the server, so it needs no host (RFC 9457,
/// section 3.1.1), and the server need not serve it.
Response problem(Problem problem, std::string_view detail, const ProblemPart& part = {});

/// For bytes that are not a request, by their status.
Response refused_bytes(int status, std::string_view detail);

/// For `try_again`, if the cause usually passes within seconds.
inline constexpr int retry_soon_seconds = 5;

/// 503 or 429 with Retry-After: the caller may send the same request again.
Response try_again(Problem problem, std::string_view detail, int after_seconds = retry_soon_seconds);

/// 404 for an unknown path.
Response nothing_at_path();

/// 401 with the scheme. It also says whether the request had a token (RFC 6750).
Response unauthorized(Problem no_or_unknown_token, std::string_view detail);

/// 400, 404, 413, 503 or 500 by its code. Leaves out internal details. The 500 refers to the log, so the caller logs
/// the error with the id of the request.
Response problem_of(const Error& error);

/// 500 for an exception or a fault, which the caller logs with the id of the request.
Response server_fault();

/// "Not Found" and so on; "" for a status that the server never sends.
std::string_view reason_phrase(int status);

}  // namespace packwalk
