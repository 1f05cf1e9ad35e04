// Which store and archive an installation has.
#pragma once

#include <memory>

#include "app/archive/copy_to_archive.h"
#include "packwalk/installation/config.h"
#include "packwalk/installation/data_directory.h"
#include "ports/store.h"

namespace packwalk {

/// Whether an embedded database that is not there may be made.
enum class StoreUse { make, existing };

/// PostgreSQL where the configuration names one, else SQLite in the data folder. Errc::not_found when that is not there
/// and may not be made.
Result<std::unique_ptr<Store>> open_store(const DataDirectory& directory, const Config& config, StoreUse use);

/// The same, with the configuration of the data folder and of the environment.
Result<std::unique_ptr<Store>> open_store(const DataDirectory& directory, StoreUse use);

/// These look into the archive, where there is one, for messages that the store no longer has.
Result<std::unique_ptr<MessageReader>> open_message_reader(const Config& config, const Store& store);
Result<std::unique_ptr<IngestStore>> open_ingest_store(const Config& config, const Store& store, Clock& clock);
Result<std::unique_ptr<AuditStore>> open_audit_store(const Config& config, const Store& store);

/// The archive that the configuration names, and what is copied to it. Errc::invalid_input when it names none.
Result<ArchiveParts> open_archive(const Config& config);

}  // namespace packwalk
