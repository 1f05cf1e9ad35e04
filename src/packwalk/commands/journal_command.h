// What commands do with the journal of an embedded installation, beside a running server or without one.
#pragma once

#include <string>

#include "packwalk/installation/installation.h"

namespace packwalk {

/// Where `serve` keeps the journal.
std::string journal_folder(const Installation& installation);

/// Overwrites what the journal has of a device: by the server if one runs, else here. Nothing where there is no
/// journal.
Result<void> erase_from_journal(const Installation& installation, DeviceNumber device);

/// Errc::not_found where the data folder has neither a journal nor a database: no server has used it.
Result<void> find_journal(const Installation& installation);

/// `packwalk queue ..` of the journal, `json`: as JSON. They return an exit code.
int show_journal_status(const Installation& installation, bool json);
int list_dead_letters(const Installation& installation, bool json);
int requeue_dead_letters(const Installation& installation);
/// Deletes the dead letters, or all that waits, requeued dead letters included: then no server may run.
int purge_journal(const Installation& installation, bool dead);

}  // namespace packwalk
