// Notifications as lines of a log: for trying things out, and for whoever reads the log by machine.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ports/push_channel.h"

namespace packwalk {

/// `write` gets the JSON of notification_json.h, one object per notification.
std::unique_ptr<PushChannel> make_log_channel(std::function<void(const std::string& json)> write);

}  // namespace packwalk
