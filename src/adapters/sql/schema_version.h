// What every product says of a schema that it does not know.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace packwalk::sql {

inline Failure newer_schema(std::int64_t version, std::int64_t known) {
  return fail(Errc::broken, "the database has schema " + std::to_string(version) +
                                ", but this packwalk knows only up to " + std::to_string(known) +
                                ": it was used by a newer version; start that one");
}

}  // namespace packwalk::sql
