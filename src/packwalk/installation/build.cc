#include "packwalk/installation/build.h"

#include "packwalk/installation/commit.h"

namespace packwalk {

std::string_view build_commit() { return commit; }

}  // namespace packwalk
