#include "packwalk/path_hint.h"

#include <algorithm>

#include "base/nearest.h"

namespace packwalk {
namespace {

std::string_view first_segment(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return path.substr(0, path.find('/'));
}

}  // namespace

PathHint::PathHint(const std::vector<Route>& routes) {
  for (const Route& route : routes) {
    const std::string_view segment = first_segment(route.pattern);
    if (!segment.empty() && !segment.starts_with('{')) beginnings_.emplace_back(segment);
    if (!segment.empty() && route.pattern.find('{') == std::string_view::npos) paths_.emplace_back(route.pattern);
  }
  std::sort(beginnings_.begin(), beginnings_.end());
  beginnings_.erase(std::unique(beginnings_.begin(), beginnings_.end()), beginnings_.end());
}

std::string PathHint::about(const Unhandled& request) const {
  if (request.reason == "tls") return "the caller speaks TLS (https://), and this port plain HTTP";
  const std::string_view segment = first_segment(request.path);
  if (segment.empty()) return "";
  const bool is_unknown = request.reason == "unknown_path";
  const auto path = is_unknown ? nearest_to(request.path, paths_) : std::nullopt;
  if (path) return "did you mean " + *path + "?";
  if (std::binary_search(beginnings_.begin(), beginnings_.end(), segment)) {
    return "the path begins with /" + std::string(segment);
  }
  const auto nearest = is_unknown ? nearest_to(segment, beginnings_) : std::nullopt;
  return nearest ? "did you mean /" + *nearest + "?" : "";
}

}  // namespace packwalk
