// Which store an installation has.
#pragma once

#include <memory>

#include "packwalk/config.h"
#include "packwalk/data_directory.h"
#include "ports/store.h"

namespace packwalk {

/// Whether an embedded database that is not there may be made.
enum class StoreUse { make, existing };

/// PostgreSQL where the configuration names one, else SQLite in the data folder. Errc::not_found when that is not there
/// and may not be made.
Result<std::unique_ptr<Store>> open_store(const DataDirectory& directory, const Config& config, StoreUse use);

/// The same, with the configuration of the data folder and of the environment.
Result<std::unique_ptr<Store>> open_store(const DataDirectory& directory, StoreUse use);

}  // namespace packwalk
