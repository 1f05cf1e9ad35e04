// How much one device may send: packets a day, and bodies that cannot be read.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "base/units.h"

namespace packwalk {

/// 0: no limit.
struct DeviceLimitRules {
  std::uint32_t day_max = 0;       // records received in a day of UTC (app/disk_records.h)
  std::size_t unreadable_max = 0;  // a minute: bodies that cannot be read, and each KiB kept of them counts as one more
};

enum class DeviceLimit : std::uint8_t { day, unreadable };
/// "day", "unreadable": for logs and metrics.
std::string_view name_of(DeviceLimit limit);

struct LimitReached {
  DeviceLimit limit{};
  std::chrono::seconds retry_after{};  // 1 to 3600
};

/// What one process has counted since it started: some 40 bytes for each device that sent anything. Thread-safe.
class DeviceLimits {
 public:
  explicit DeviceLimits(const DeviceLimitRules& rules);
  ~DeviceLimits();

  /// Whether anything of the device can be taken now; asked before its body is looked at.
  std::optional<LimitReached> reached(DeviceNumber device, ServerTime now) const;

  /// Counts `records`, all or none: none when a limit is reached, or would be passed.
  std::optional<LimitReached> take(DeviceNumber device, std::size_t records, ServerTime now);
  /// What was taken at `taken_at` and could not be kept.
  void give_back(DeviceNumber device, std::size_t records, ServerTime taken_at);

  /// A body that cannot be read, or is too large when it is unpacked; `bytes` are kept of it, or were in vain.
  void count_unreadable(DeviceNumber device, std::size_t bytes, ServerTime now);

 private:
  class UsageOfDevices;
  const DeviceLimitRules rules_;
  const std::unique_ptr<UsageOfDevices> usage_;
};

}  // namespace packwalk
