// Where a page ends, as the cursor of the next one.
#pragma once

#include <optional>
#include <string>

#include "api/parameters.h"
#include "core/packet/stored_message.h"
#include "ports/query_store.h"

namespace packwalk {

/// What `cursor` says; without it the beginning.
std::optional<MessageCursor> message_cursor(Parameters& in);
WalkCursor walk_cursor(Parameters& in, TimeOrder order);
CompanionCursor companion_cursor(Parameters& in);

std::string cursor_of(const MessageCursor& last);
std::string cursor_of(const WalkCursor& last);
std::string cursor_of(const CompanionCursor& last);

}  // namespace packwalk
