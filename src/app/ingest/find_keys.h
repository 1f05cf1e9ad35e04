// Finds the key of each message: its time of arrival, or slightly later if another message has that key.
#pragma once

#include <span>
#include <vector>

#include "ports/ingest_store.h"

namespace packwalk {

/// If a device already has another message with the same time and ordinal, in the store or earlier in `messages`, moves
/// the message to the next free microsecond: two gateways may have the same time, and a clock that was set back repeats
/// times. A repeated message is found at its moved time. Returns for each message whether the identical one exists
/// already.
Result<std::vector<bool>> find_keys(IngestTransaction& transaction, std::span<Message> messages);

}  // namespace packwalk
