// A notification as JSON, the same for all channels that send JSON.
#pragma once

#include <string>

#include "core/event/event.h"

namespace packwalk {

/// {"type":"status_changed","timestamp":"2026-02-02T02:40:00Z","device":"rex","data":{..}}: the time of the
/// event and its facts, as core/event/event.h writes them. `device` is null for a device without an id.
std::string notification_json(const Event& event, const std::string& device_id);

}  // namespace packwalk
