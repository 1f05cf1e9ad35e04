#include "packwalk/build.h"

#include "packwalk/commit.h"

namespace packwalk {

std::string_view build_commit() { return commit; }

}  // namespace packwalk
