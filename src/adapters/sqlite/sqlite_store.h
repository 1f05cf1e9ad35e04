// The store of the embedded default: one SQLite database.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "ports/store.h"

namespace packwalk {

inline constexpr std::size_t sqlite_cache_bytes = std::size_t{64} * 1024 * 1024;

/// In the file at `path`, which need not exist yet. Its ingest store has a page cache of at most `cache_bytes`.
std::unique_ptr<Store> make_sqlite_store(std::string path, std::size_t cache_bytes = sqlite_cache_bytes);

}  // namespace packwalk
