// The store of the embedded default: one SQLite database.
#pragma once

#include <memory>
#include <string>

#include "ports/store.h"

namespace packwalk {

/// In the file at `path`, which need not be there yet.
std::unique_ptr<Store> make_sqlite_store(std::string path);

}  // namespace packwalk
