// Of which sources this program is made.
#pragma once

#include <string_view>

namespace packwalk {

/// The first digits of the commit in git, and "-dirty" behind them where files differ from it; "unknown" where it was
/// not built in a clone.
std::string_view build_commit();

}  // namespace packwalk
