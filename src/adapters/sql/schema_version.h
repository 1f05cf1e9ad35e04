// The error of every product for a newer schema.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace packwalk::sql {

inline Failure newer_schema(std::int64_t version, std::int64_t known) {
  return fail(Errc::broken, "the database has schema " + std::to_string(version) +
                                ", but this packwalk knows only up to " + std::to_string(known) +
                                ", because a newer version has used it. Start that version");
}

}  // namespace packwalk::sql
