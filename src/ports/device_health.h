// Port: the state of each device, for the operator. Contract: tests/contract/device_health_test.cc.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "ports/device_registry.h"

namespace packwalk {

/// The last refusal of a device, or its last invalid packet.
struct DeviceRefusal {
  DeviceNumber device;
  ServerTime at{};
  std::string door;    // "osmand"
  std::string reason;  // "day_limit", "invalid: encrypted"

  friend bool operator==(const DeviceRefusal&, const DeviceRefusal&) = default;
};

/// All counts are of messages.
struct DeviceReport {
  RegisteredDevice device;
  std::optional<ServerTime> last_seen;
  std::int64_t fixes = 0;
  std::int64_t samples = 0;
  std::int64_t duplicates = 0;
  std::int64_t conflicts = 0;
  std::int64_t invalid = 0;
  std::optional<DeviceRefusal> last_refusal;
};

/// Calls block; one thread. Errc::unavailable: try again.
class DeviceHealth {
 public:
  virtual ~DeviceHealth() = default;

  /// Each replaces the stored refusal of its device, unless that one is later. Ignores devices that are unknown or
  /// being erased.
  virtual Result<void> note(std::span<const DeviceRefusal> refusals) = 0;

  /// Every device that is not erased, including removed ones, in the order of their numbers.
  virtual Result<void> each(const std::function<void(const DeviceReport&)>& take) = 0;
};

}  // namespace packwalk
