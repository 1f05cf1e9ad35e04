// Erases a device from a PostgreSQL database, and counts its rows in detached partitions.
#pragma once

#include <memory>
#include <string>

#include "adapters/sql/connection.h"
#include "adapters/sql/sql_ingest_store.h"
#include "ports/device_eraser.h"

namespace packwalk::sql {

/// In the database at `url`, to which `connection` leads too. `listing` says whether the configuration names an
/// archive.
std::unique_ptr<DeviceEraser> make_postgres_device_eraser(std::string url, std::unique_ptr<Connection> connection,
                                                          ListForArchive listing);

}  // namespace packwalk::sql
