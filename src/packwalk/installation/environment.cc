#include "packwalk/installation/environment.h"

#include <cstdlib>

namespace packwalk {

std::optional<std::string> from_environment(const char* variable) {
  const char* text = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): no thread sets variables
  return text && *text ? std::optional<std::string>(text) : std::nullopt;
}

}  // namespace packwalk
