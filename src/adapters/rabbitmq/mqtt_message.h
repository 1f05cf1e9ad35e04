// A message of a collar over MQTT, from the broker's plug-in: topic v1/ID/packets, with the same bodies as HTTP.
#pragma once

#include <string_view>

#include "core/packet/message.h"

namespace packwalk::rabbitmq {

/// MQTT 3.1.1 has no content type, so the first byte decides: a bracket or brace is JSON (NDJSON if there are several
/// lines), any other byte is binary.
Transport transport_of(std::string_view body);

/// The time of arrival: the broker's millisecond, with microseconds from a hash of the body. So a redelivered message
/// keeps its time, and two messages of one millisecond rarely share it.
ServerTime received_at_of(std::int64_t timestamp_ms, std::string_view body);

}  // namespace packwalk::rabbitmq
