// What to say in the log of a request for a path that is not there, without the path, which may hold a token.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/server.h"

namespace packwalk {

class PathHint {
 public:
  explicit PathHint(const std::vector<Route>& routes);

  /// "did you mean /osmand?"; "" where nothing is to be said. One of few texts, whatever the request.
  std::string about(const Unhandled& request) const;

 private:
  std::vector<std::string> paths_;       // those that hold nothing of the caller's
  std::vector<std::string> beginnings_;  // the first segments of all paths, each once
};

}  // namespace packwalk
