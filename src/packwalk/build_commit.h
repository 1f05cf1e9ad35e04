// Which source this program was built from.
#pragma once

#include <optional>
#include <string>

namespace packwalk {

/// The commit, with `-dirty` behind it where files differed from it; nothing where the source was in no repository.
std::optional<std::string> build_commit();

}  // namespace packwalk
