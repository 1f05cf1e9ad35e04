// What to say of a path that is not there, without the path, which may hold a token.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace packwalk {

/// Immutable, and so thread-safe. Whatever it is asked about, it says one of few texts.
class PathHint {
 public:
  /// Of all routes.
  explicit PathHint(std::span<const std::string_view> patterns);

  /// "did you mean /osmand?", of a path that is not there; "" where none is near.
  std::string near(std::string_view path) const;

  /// The same, or what else the log says of a request that reached no handler, by the reason; "" where nothing is to be
  /// said.
  std::string about(std::string_view reason, std::string_view path) const;

 private:
  bool is_beginning(std::string_view segment) const;

  std::vector<std::string> paths_;       // those that hold nothing of the caller's
  std::vector<std::string> beginnings_;  // the first segments of all paths, each once
};

}  // namespace packwalk
