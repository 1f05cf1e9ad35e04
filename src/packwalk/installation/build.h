// The sources of this program.
#pragma once

#include <string_view>

namespace packwalk {

/// The first digits of the commit in git, followed by "-dirty" if files differ from it; "unknown" if it was not built
/// in a clone.
std::string_view build_commit();

}  // namespace packwalk
