#pragma once

#include <memory>

#include "adapters/sql/connection.h"
#include "ports/device_health.h"

namespace packwalk::sql {

/// Owns the connection.
std::unique_ptr<DeviceHealth> make_sql_device_health(std::unique_ptr<Connection> connection);

}  // namespace packwalk::sql
