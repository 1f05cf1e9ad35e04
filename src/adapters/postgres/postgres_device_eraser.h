// Takes a device out of a PostgreSQL database, and finds what of it is in partitions that were put aside.
#pragma once

#include <memory>
#include <string>

#include "adapters/sql/connection.h"
#include "adapters/sql/sql_ingest_store.h"
#include "ports/device_eraser.h"

namespace packwalk::sql {

/// In the database at `url`, to which `connection` leads too. `listing` tells whether the configuration names an
/// archive.
std::unique_ptr<DeviceEraser> make_postgres_device_eraser(std::string url, std::unique_ptr<Connection> connection,
                                                          ListForArchive listing);

}  // namespace packwalk::sql
