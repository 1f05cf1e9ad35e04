// Notifications as lines of a log: for tests, and for programs that read the log.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "ports/push_channel.h"

namespace packwalk {

/// `write` gets the JSON of notification_json.h, one object per notification.
std::unique_ptr<PushChannel> make_log_channel(std::function<void(const std::string& json)> write);

}  // namespace packwalk
