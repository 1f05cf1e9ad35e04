#include "http/problem.h"

#include <array>
#include <cassert>
#include <utility>

#include "base/json_writer.h"

namespace packwalk {
namespace {

constexpr std::array phrases = {
    std::pair{200, std::string_view("OK")},
    std::pair{202, std::string_view("Accepted")},
    std::pair{204, std::string_view("No Content")},
    std::pair{304, std::string_view("Not Modified")},
    std::pair{400, std::string_view("Bad Request")},
    std::pair{401, std::string_view("Unauthorized")},
    std::pair{403, std::string_view("Forbidden")},
    std::pair{404, std::string_view("Not Found")},
    std::pair{405, std::string_view("Method Not Allowed")},
    std::pair{413, std::string_view("Content Too Large")},
    std::pair{415, std::string_view("Unsupported Media Type")},
    std::pair{429, std::string_view("Too Many Requests")},
    std::pair{431, std::string_view("Request Header Fields Too Large")},
    std::pair{500, std::string_view("Internal Server Error")},
    std::pair{503, std::string_view("Service Unavailable")},
};

constexpr std::string_view type_prefix = "/problems/";

const ProblemKind& kind_of(Problem problem) {
  const ProblemKind& kind = problem_kinds.at(static_cast<std::size_t>(problem));
  assert(kind.problem == problem);
  return kind;
}

}  // namespace

std::string_view reason_phrase(int status) {
  for (const auto& [known, phrase] : phrases) {
    if (known == status) return phrase;
  }
  return "";
}

Response problem(Problem problem, std::string_view detail, const ProblemPart& part) {
  const ProblemKind& kind = kind_of(problem);
  JsonWriter json(detail.size() + 200);
  json.object([&] {
    json.member("type", std::string(type_prefix).append(kind.code));
    json.member("title", reason_phrase(kind.status));
    json.member("status", kind.status);
    json.member("code", kind.code);
    json.member("detail", detail);
    if (!part.parameter.empty()) json.member("param", part.parameter);
    if (part.byte_offset) json.member("byte_offset", *part.byte_offset);
  });
  return {.status = kind.status, .content_type = "application/problem+json", .body = json.take()};
}

Response refused_bytes(int status, std::string_view detail) {
  for (const Problem each : {Problem::too_large, Problem::head_too_large}) {
    if (kind_of(each).status == status) return problem(each, detail);
  }
  return problem(Problem::malformed_request, detail);
}

Response try_again(Problem problem_now, std::string_view detail, int after_seconds) {
  Response response = problem(problem_now, detail);
  response.headers.emplace_back("Retry-After", std::to_string(after_seconds));
  return response;
}

Response nothing_at_path() { return problem(Problem::unknown_path, "There is nothing at this path. Check the URL."); }

Response unauthorized(Problem no_or_unknown_token, std::string_view detail) {
  Response response = problem(no_or_unknown_token, detail);
  response.headers.emplace_back("WWW-Authenticate", no_or_unknown_token == Problem::unknown_token
                                                        ? "Bearer realm=\"packwalk\", error=\"invalid_token\""
                                                        : "Bearer realm=\"packwalk\"");
  return response;
}

Response problem_of(const Error& error) {
  switch (error.code) {
    case Errc::invalid_input:
      return problem(Problem::invalid_request, error.detail);
    case Errc::too_large:
      return problem(Problem::too_large, error.detail);
    case Errc::not_found:
      return problem(Problem::not_found, error.detail);
    case Errc::overloaded:
      return try_again(Problem::overloaded, "The server is overloaded. Retry after the time in Retry-After.");
    case Errc::unavailable:
      return try_again(Problem::unavailable,
                       "The store or the queue is not available. Retry after the time in Retry-After.");
    case Errc::conflict:
      return try_again(Problem::unavailable, "The server could not store the data this time. Send it again.");
    case Errc::corrupt:
    case Errc::broken:
      break;
  }
  return problem(Problem::server_fault,
                 "The server cannot answer because its data is damaged. Its log has the cause under this request id.");
}

Response server_fault() {
  return problem(Problem::server_fault,
                 "The server failed to answer this request. Its log has the cause under this request id.");
}

}  // namespace packwalk
