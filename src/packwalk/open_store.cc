#include "packwalk/open_store.h"

#include <unistd.h>

#include <filesystem>

#include "adapters/postgres/postgres_store.h"
#include "adapters/sqlite/sqlite_store.h"

namespace packwalk {

Result<std::unique_ptr<Store>> open_store(const DataDirectory& directory, const Config& config, StoreUse use) {
  if (!config.store_url.empty()) return make_postgres_store(config.store_url, config.replicas);
  const std::string path = directory.file("packwalk.db");
  if (use == StoreUse::existing && !std::filesystem::exists(path)) {
    return fail(Errc::not_found, "there is no " + path + ": is --data right?");
  }
  return make_sqlite_store(path);
}

Result<std::unique_ptr<Store>> open_store(const DataDirectory& directory, StoreUse use) {
  const auto config = load_config(directory.path(), std::nullopt, environ);
  if (!config) return tl::unexpected(config.error());
  return open_store(directory, *config, use);
}

}  // namespace packwalk
