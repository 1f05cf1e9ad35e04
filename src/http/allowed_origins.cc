#include "http/allowed_origins.h"

#include <algorithm>

#include "base/text.h"
#include "http/request_target.h"

namespace packwalk {
namespace {

constexpr std::string_view any = "*";

/// In the form of a browser: a scheme, a host in lower case, and a port unless it is the default.
bool is_origin(std::string_view text) {
  const auto host_behind = [text](std::string_view scheme) {
    return text.starts_with(scheme) ? text.substr(scheme.size()) : std::string_view();
  };
  const std::string_view secure = host_behind("https://");
  const std::string_view host = secure.empty() ? host_behind("http://") : secure;
  const bool has_usual_port = host.ends_with(secure.empty() ? ":80" : ":443") || host.ends_with(':');
  return is_valid_host(host) && !has_usual_port && lower_case(text) == text;
}

}  // namespace

Result<AllowedOrigins> AllowedOrigins::from_text(std::string_view text) {
  AllowedOrigins allowed;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    const std::string_view origin = trimmed(part);
    if (origin != any && !is_origin(origin)) {
      return fail(Errc::invalid_input,
                  "must be * or origins such as https://map.example or http://localhost:5173, separated by commas. "
                  "Write an origin in lower case, without a path and without the default port");
    }
    allowed.origins_.emplace_back(origin);
  }
  const auto has_any = std::find(allowed.origins_.begin(), allowed.origins_.end(), any) != allowed.origins_.end();
  if (has_any && allowed.origins_.size() > 1) {
    return fail(Errc::invalid_input, "must be either * or a list of origins");
  }
  return allowed;
}

std::string_view AllowedOrigins::answer_to(std::string_view origin) const {
  if (origin.empty()) return {};
  if (are_any()) return any;
  const auto found = std::find(origins_.begin(), origins_.end(), origin);
  return found == origins_.end() ? std::string_view() : std::string_view(*found);
}

}  // namespace packwalk
