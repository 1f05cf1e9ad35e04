// What a collar published over MQTT, as the broker's plug-in hands it on: topic v1/ID/packets, the bodies of HTTP.
#pragma once

#include <string_view>

#include "core/packet/message.h"

namespace packwalk::rabbitmq {

/// MQTT 3.1.1 has no content type, so the first byte tells: a bracket or brace is JSON (NDJSON when more than one line
/// follows each other), anything else binary.
Transport transport_of(std::string_view body);

/// When it came: the broker's millisecond, and within it microseconds made of the body, so that the same message has
/// the same time when it is delivered again, and two of one millisecond hardly ever have.
ServerTime received_at_of(std::int64_t timestamp_ms, std::string_view body);

}  // namespace packwalk::rabbitmq
