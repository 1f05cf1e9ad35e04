// What commands do with the journal of an embedded installation, beside a running server or without one.
#pragma once

#include <string>

#include "packwalk/installation/config.h"

namespace packwalk {

/// Where `serve` keeps the journal.
std::string journal_folder(const std::string& data);

/// Overwrites what the journal has of a device: by the server if one runs, else here. Nothing where there is no
/// journal.
Result<void> erase_from_journal(const std::string& data, const Config& config, DeviceNumber device);

/// Errc::not_found where `data` has neither a journal nor a database: it is no data folder of an installation.
Result<void> find_journal(const std::string& data);

/// `packwalk queue ..` of the journal, `json`: as JSON. They return an exit code.
int show_journal_status(const std::string& data, bool json);
int list_dead_letters(const std::string& data, bool json);
int requeue_dead_letters(const std::string& data);
/// Deletes the dead letters, or all that waits, requeued dead letters included: then no server may run.
int purge_journal(const std::string& data, bool dead);

}  // namespace packwalk
