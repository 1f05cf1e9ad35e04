// The store of the embedded default: one SQLite database.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "ports/store.h"

namespace packwalk {

inline constexpr std::size_t sqlite_cache_bytes = std::size_t{64} * 1024 * 1024;

/// In the file at `path`, which need not be there yet. Its ingest store keeps at most `cache_bytes` of it in memory.
std::unique_ptr<Store> make_sqlite_store(std::string path, std::size_t cache_bytes = sqlite_cache_bytes);

}  // namespace packwalk
