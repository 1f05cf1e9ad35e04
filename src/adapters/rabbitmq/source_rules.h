// What the source must know to read a message of the queue.
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
  /// The device of this id: of a collar that speaks MQTT only the topic says who it is. May block. After an error it is
  /// asked again later.
  std::function<Result<std::optional<DeviceNumber>>(std::string_view)> find_device;
  std::size_t mqtt_bytes_max = 8UL * 1024 * 1024;  // of a body; a larger one is kept and not read
  /// Whether the store has answered anybody lately; returns at once. Without it, it always has.
  std::function<bool()> store_answers;
};

}  // namespace packwalk
