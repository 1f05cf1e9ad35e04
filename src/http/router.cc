#include "http/router.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "http/problem.h"

namespace packwalk {
namespace {

constexpr std::string_view preflight_headers =
    "Authorization, Content-Encoding, Content-Type, If-None-Match, X-Request-Id";
constexpr std::string_view preflight_seconds = "600";  // time that a browser caches the answer

/// `segment` without the escaped blanks at its ends.
std::string_view without_blanks(std::string_view segment) {
  constexpr std::array<std::string_view, 6> blanks = {"%20", "%09", "%0A", "%0D", "%0a", "%0d"};
  const auto begins = [&](std::string_view blank) { return segment.starts_with(blank); };
  const auto ends = [&](std::string_view blank) { return segment.ends_with(blank); };
  while (std::any_of(blanks.begin(), blanks.end(), begins)) segment.remove_prefix(blanks[0].size());
  while (std::any_of(blanks.begin(), blanks.end(), ends)) segment.remove_suffix(blanks[0].size());
  return segment;
}

bool is_plain(std::string_view path) {
  return !path.starts_with('/') || path == "/" ||
         (!path.ends_with('/') && path.find("//") == std::string_view::npos &&
          path.find('%') == std::string_view::npos);
}

enum class Blanks { kept, dropped };

/// The normalised path, if `path` is not plain.
std::string meant_path(std::string_view path, Blanks blanks) {
  std::string meant;
  while (!path.empty()) {
    path.remove_prefix(1);
    std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(segment.size());
    if (blanks == Blanks::dropped) segment = without_blanks(segment);
    if (!segment.empty()) meant.append("/").append(segment);
  }
  return meant.empty() ? "/" : meant;
}

/// Removes the next segment from `path`, without its slash.
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const std::string_view segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

/// The segments for the {..} of the pattern; empty if `path` does not match.
std::optional<std::vector<std::string>> match(std::string_view pattern, std::string_view path) {
  std::vector<std::string> parameters;
  while (!pattern.empty() && !path.empty()) {
    if (path.front() != '/') return std::nullopt;
    const std::string_view wanted = take_segment(pattern);
    const std::string_view given = take_segment(path);
    if (wanted.starts_with('{')) {
      if (given.empty()) return std::nullopt;
      parameters.emplace_back(given);
    } else if (wanted != given) {
      return std::nullopt;
    }
  }
  if (!pattern.empty() || !path.empty()) return std::nullopt;
  return parameters;
}

/// The answer to a CORS preflight (the Fetch standard).
void answer_preflight(Response& response, const std::string& methods) {
  response.headers.emplace_back("Access-Control-Allow-Methods", methods);
  response.headers.emplace_back("Access-Control-Allow-Headers", preflight_headers);
  response.headers.emplace_back("Access-Control-Max-Age", preflight_seconds);
}

/// The answer for a known path: to OPTIONS, or 405 to a wrong method.
Response say_methods(std::vector<Method> allowed, const Request& request, const AllowedOrigins& origins) {
  allowed.push_back(Method::options);
  std::string names;
  for (const Method each : allowed) names.append(names.empty() ? "" : ", ").append(name_of(each));
  const bool asks = request.method == Method::options;
  Response response = asks ? Response{.status = 204}
                           : problem(Problem::wrong_method, "This path does not support the method. Use " + names);
  const bool is_preflight = asks && !request.headers.find("Access-Control-Request-Method").empty();
  if (is_preflight && !origins.answer_to(request.headers.find("Origin")).empty()) answer_preflight(response, names);
  response.headers.emplace_back("Allow", std::move(names));
  return response;
}

bool only_reads(const Route& route) { return route.methods.size() == 1 && route.methods.front() == Method::get; }

bool takes(const Route& route, Method method) {
  const Method wanted = method == Method::head && only_reads(route) ? Method::get : method;
  return std::find(route.methods.begin(), route.methods.end(), wanted) != route.methods.end();
}

Response nothing_at(const std::string& path, const PathHint& hint) {
  const std::string meant = hint.near(path);
  return meant.empty() ? nothing_at_path() : problem(Problem::unknown_path, "There is nothing at this path; " + meant);
}

}  // namespace

PathHint hint_of(const std::vector<Route>& routes) {
  std::vector<std::string_view> patterns;
  for (const Route& route : routes) patterns.push_back(route.pattern);
  return PathHint(patterns);
}

Router::Router(std::vector<Route> routes, AllowedOrigins origins)
    : routes_(std::move(routes)), origins_(std::move(origins)), hint_(hint_of(routes_)) {}

Router::Found Router::find(Request& request) const {
  std::vector<Method> allowed;
  const bool is_odd = !is_plain(request.path);
  const std::string path = is_odd ? meant_path(request.path, Blanks::kept) : "";
  const std::string door_path = is_odd ? meant_path(request.path, Blanks::dropped) : "";
  for (const Route& route : routes_) {
    const std::string& meant = !is_odd ? request.path : route.is_door ? door_path : path;
    auto parameters = match(route.pattern, meant);
    if (!parameters) continue;
    if (takes(route, request.method)) {
      if (is_odd) request.path = meant;
      request.parameters = *std::move(parameters);
      return {.route = &route, .refusal = std::nullopt};
    }
    allowed.insert(allowed.end(), route.methods.begin(), route.methods.end());
    if (only_reads(route)) allowed.push_back(Method::head);
  }
  return {.route = nullptr,
          .refusal =
              allowed.empty() ? nothing_at(request.path, hint_) : say_methods(std::move(allowed), request, origins_)};
}

}  // namespace packwalk
