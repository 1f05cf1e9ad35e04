// [store]: the database, and how long it keeps data.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "adapters/postgres/replicated_query_store.h"
#include "packwalk/configuration/setting.h"
#include "ports/store_keeper.h"

namespace packwalk {

struct StoreSection {
  std::string url;  // empty: SQLite in the data folder
  sql::ReplicaOptions replicas;
  std::chrono::seconds wait_max{30};
  KeepRules keep;
  std::size_t cache_bytes = std::size_t{64} * 1024 * 1024;

  bool is_embedded() const { return url.empty(); }
};

std::vector<Setting<StoreSection>> store_settings();

/// Fails if the store does not support what the keys request.
Result<void> check(const StoreSection& store);

}  // namespace packwalk
