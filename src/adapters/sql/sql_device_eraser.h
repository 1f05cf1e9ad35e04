#pragma once

#include <memory>

#include "adapters/sql/connection.h"
#include "ports/device_eraser.h"

namespace packwalk::sql {

/// The device eraser of every SQL database that has a driver, where nothing is put aside. Owns the connection.
std::unique_ptr<DeviceEraser> make_sql_device_eraser(std::unique_ptr<Connection> connection);

}  // namespace packwalk::sql
