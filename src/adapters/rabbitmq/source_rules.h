// The rules by which the source reads a message of the queue.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/result.h"
#include "ports/packet_queue.h"

namespace packwalk {

struct SourceRules {
  DecodeUpload decode;
  /// Looks up the device of an id: an MQTT collar is known only by its topic. May block. After an error, it is called
  /// again later.
  std::function<Result<std::optional<DeviceNumber>>(std::string_view)> find_device;
  std::size_t mqtt_bytes_max = 8UL * 1024 * 1024;  // of a body; a larger one is kept but not decoded
  /// Whether the store has answered lately. Returns immediately. If empty, it always has.
  std::function<bool()> store_answers;
};

}  // namespace packwalk
