#pragma once

#include <memory>

#include "adapters/sql/reader_pool.h"
#include "ports/message_reader.h"

namespace packwalk::sql {

/// The message reader of every SQL database that has a driver.
std::unique_ptr<MessageReader> make_sql_message_reader(ConnectReader connect);

}  // namespace packwalk::sql
