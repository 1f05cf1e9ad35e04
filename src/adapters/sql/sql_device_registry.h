#pragma once

#include <memory>

#include "adapters/sql/connection.h"
#include "ports/device_registry.h"

namespace packwalk::sql {

/// The device registry of every SQL database that has a driver. Owns the connection.
std::unique_ptr<DeviceRegistry> make_sql_device_registry(std::unique_ptr<Connection> connection);

}  // namespace packwalk::sql
