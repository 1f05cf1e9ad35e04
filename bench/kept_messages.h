// Messages that an installation has kept for long, made by the database itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace packwalk::bench {

/// Adds about `count` messages and as many fixes, one a minute from each of `devices` before `until` (seconds since
/// 1970), to a database that is new; all rows are the product's. They are written without index, which is made last.
void keep_messages(const std::string& url, std::int64_t count, std::int64_t devices, std::int64_t until);

/// Fixes of devices 1 to `devices`, each at every fifth second until `until`, with what analysis knows of where they
/// were, and no messages. Before any other fixes of these months.
void keep_fixes(const std::string& url, std::int64_t count, std::int64_t devices, std::int64_t until);

}  // namespace packwalk::bench
