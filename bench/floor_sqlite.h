// What SQLite reaches with the rows of the product and nothing around it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace packwalk::bench {

/// Packets a second: original, fix and state of each, so many a transaction, for `seconds`, devices at random, each
/// with `run` packets of consecutive seconds side by side.
double bare_sqlite_rate(const std::string& path, std::size_t devices, std::size_t run, std::size_t transaction,
                        double seconds);

}  // namespace packwalk::bench
