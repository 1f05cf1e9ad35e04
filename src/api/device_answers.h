// A device and its messages as JSON.
#pragma once

#include <string>

#include "base/json_writer.h"
#include "core/packet/stored_message.h"
#include "core/state/current_state.h"
#include "ports/query_store.h"

namespace packwalk {

/// {"verdict", "reason", "hash", "received_at", "transport", "content"}: hash in 16 hexadecimal digits, content in
/// base64.
void write_message(JsonWriter& json, const StoredMessage& message);

/// {"device", "created_at", "removed_at", "last_seen"}
void write_listed_device(JsonWriter& json, const ListedDevice& listed);

/// What is known of a device: times, status, counts of messages, last position (null: none yet).
std::string device_json(const RegisteredDevice& device, const CurrentState& state, ServerTime now);

}  // namespace packwalk
