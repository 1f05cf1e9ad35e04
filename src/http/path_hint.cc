#include "http/path_hint.h"

#include <algorithm>
#include <optional>

#include "base/nearest.h"

namespace packwalk {
namespace {

std::string_view first_segment(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  return path.substr(0, path.find('/'));
}

}  // namespace

PathHint::PathHint(std::span<const std::string_view> patterns) {
  for (const std::string_view pattern : patterns) {
    const std::string_view segment = first_segment(pattern);
    if (!segment.empty() && !segment.starts_with('{')) beginnings_.emplace_back(segment);
    if (!segment.empty() && pattern.find('{') == std::string_view::npos) paths_.emplace_back(pattern);
  }
  std::sort(beginnings_.begin(), beginnings_.end());
  beginnings_.erase(std::unique(beginnings_.begin(), beginnings_.end()), beginnings_.end());
}

bool PathHint::is_beginning(std::string_view segment) const {
  return std::binary_search(beginnings_.begin(), beginnings_.end(), segment);
}

std::string PathHint::near(std::string_view path) const {
  const std::string_view segment = first_segment(path);
  if (segment.empty()) return "";
  if (const auto nearest = nearest_to(path, paths_)) return "did you mean " + *nearest + "?";
  const auto nearest = is_beginning(segment) ? std::nullopt : nearest_to(segment, beginnings_);
  return nearest ? "did you mean /" + *nearest + "?" : "";
}

std::string PathHint::about(std::string_view reason, std::string_view path) const {
  if (reason == "tls") return "the caller uses TLS (https://), but this port speaks plain HTTP";
  std::string meant = reason == "unknown_path" ? near(path) : "";
  const std::string_view segment = first_segment(path);
  return meant.empty() && is_beginning(segment) ? "the path begins with /" + std::string(segment) : meant;
}

}  // namespace packwalk
