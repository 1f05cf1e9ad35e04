// Where messages are kept: at the time when they came, or just after, where another one is already.
#pragma once

#include <span>
#include <vector>

#include "ports/ingest_store.h"

namespace packwalk {

/// Moves a message whose device has another one of the same time and ordinal, in the store or earlier in `messages`, to
/// the next free microsecond: two gateways may tell the same time, and a clock that went back tells a time again. So a
/// message that comes again is found where it went. Says for each whether the very same is there already.
Result<std::vector<bool>> find_keys(IngestTransaction& transaction, std::span<Message> messages);

}  // namespace packwalk
