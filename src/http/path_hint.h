// Hints for unknown paths. A hint never contains the path, which may hold a token.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace packwalk {

/// Immutable, so thread-safe. Returns one of a few texts.
class PathHint {
 public:
  /// Built from all routes.
  explicit PathHint(std::span<const std::string_view> patterns);

  /// "did you mean /osmand?" for an unknown path; "" if no path is similar.
  std::string near(std::string_view path) const;

  /// The same, or another detail for the log about a request that reached no handler, by its reason; "" if there is
  /// none.
  std::string about(std::string_view reason, std::string_view path) const;

 private:
  bool is_beginning(std::string_view segment) const;

  std::vector<std::string> paths_;       // paths without parameters
  std::vector<std::string> beginnings_;  // the first segments of all paths, each once
};

}  // namespace packwalk
