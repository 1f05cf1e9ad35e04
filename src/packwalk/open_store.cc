#include "packwalk/open_store.h"

#include "adapters/sqlite/sqlite_store.h"

namespace packwalk {

std::unique_ptr<Store> open_store(const DataDirectory& directory) { return make_sqlite_store(directory.database()); }

}  // namespace packwalk
