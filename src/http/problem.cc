#include "http/problem.h"

#include <array>
#include <utility>

#include "base/text.h"

namespace packwalk {
namespace {

constexpr std::array phrases = {
    std::pair{200, std::string_view("OK")},
    std::pair{202, std::string_view("Accepted")},
    std::pair{204, std::string_view("No Content")},
    std::pair{304, std::string_view("Not Modified")},
    std::pair{400, std::string_view("Bad Request")},
    std::pair{401, std::string_view("Unauthorized")},
    std::pair{404, std::string_view("Not Found")},
    std::pair{405, std::string_view("Method Not Allowed")},
    std::pair{413, std::string_view("Content Too Large")},
    std::pair{415, std::string_view("Unsupported Media Type")},
    std::pair{429, std::string_view("Too Many Requests")},
    std::pair{431, std::string_view("Request Header Fields Too Large")},
    std::pair{500, std::string_view("Internal Server Error")},
    std::pair{503, std::string_view("Service Unavailable")},
};

}  // namespace

std::string_view reason_phrase(int status) {
  for (const auto& [known, phrase] : phrases) {
    if (known == status) return phrase;
  }
  return "";
}

Response problem(int status, std::string_view detail, std::optional<std::size_t> byte_offset) {
  std::string body = R"({"type":"about:blank","title":")";
  body.append(reason_phrase(status)).append("\",\"status\":");
  append_number(body, std::int64_t{status});
  body.append(",\"detail\":");
  append_json_string(body, detail);
  if (byte_offset) {
    body.append(",\"byte_offset\":");
    append_number(body, static_cast<std::int64_t>(*byte_offset));
  }
  body.append("}");
  return {.status = status, .content_type = "application/problem+json", .body = std::move(body)};
}

Response try_again(std::string_view detail, int after_seconds) {
  Response response = problem(503, detail);
  response.headers.emplace_back("Retry-After", std::to_string(after_seconds));
  return response;
}

Response nothing_at_path() { return problem(404, "there is nothing at this path"); }

Response unauthorized(std::string_view detail, bool showed_token) {
  Response response = problem(401, detail);
  response.headers.emplace_back("WWW-Authenticate", showed_token ? "Bearer realm=\"packwalk\", error=\"invalid_token\""
                                                                 : "Bearer realm=\"packwalk\"");
  return response;
}

Response problem_of(const Error& error) {
  switch (error.code) {
    case Errc::invalid_input:
      return problem(400, error.detail);
    case Errc::too_large:
      return problem(413, error.detail);
    case Errc::not_found:
      return problem(404, error.detail);
    case Errc::overloaded:
      return try_again("the server has as much to do as it can: send it again", retry_soon_seconds);
    case Errc::unavailable:
      return try_again("the server cannot keep or find data now: try again", retry_soon_seconds);
    case Errc::conflict:
      return try_again("the server could not keep it this time: send it again", retry_soon_seconds);
    case Errc::corrupt:
    case Errc::broken:
      break;
  }
  return problem(500, "the server's data needs a person to look at it");
}

}  // namespace packwalk
