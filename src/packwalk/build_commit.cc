#include "packwalk/build_commit.h"

#include "packwalk/commit.h"

namespace packwalk {

// Here alone, so that a new commit compiles no other file anew.
std::optional<std::string> build_commit() {
  const std::string text = commit;
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace packwalk
