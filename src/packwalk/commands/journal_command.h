// Commands on the journal of an embedded installation, with or without a running server.
#pragma once

#include <string>

#include "packwalk/installation/installation.h"

namespace packwalk {

/// The folder of the journal of `serve`.
std::string journal_folder(const Installation& installation);

/// Overwrites all records of a device in the journal. If a server runs, it does so; otherwise this process does. Does
/// nothing without a journal.
Result<void> erase_from_journal(const Installation& installation, DeviceNumber device);

/// Errc::not_found: the data folder has neither a journal nor a database, so no server has used it.
Result<void> find_journal(const Installation& installation);

/// `packwalk queue ..` for the journal. With `json`, they print JSON. They return an exit code.
int show_journal_status(const Installation& installation, bool json);
int list_dead_letters(const Installation& installation, bool json);
int requeue_dead_letters(const Installation& installation);
/// Deletes the dead letters, or everything that waits, including requeued dead letters. The latter fails if a server
/// runs.
int purge_journal(const Installation& installation, bool dead);

}  // namespace packwalk
