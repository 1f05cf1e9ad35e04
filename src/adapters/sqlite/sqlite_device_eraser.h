#pragma once

#include <memory>
#include <string>

#include "adapters/sql/connection.h"
#include "ports/device_eraser.h"

namespace packwalk::sql {

/// `connection` is to the database at `path`. An erasure ends when no file of the database contains a byte of the
/// device.
std::unique_ptr<DeviceEraser> make_sqlite_device_eraser(std::string path, std::unique_ptr<Connection> connection);

}  // namespace packwalk::sql
