// Limits per device: packets per day, and unreadable bodies per minute.
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
  std::uint32_t day_max = 0;       // records per UTC day (app/ingest/disk_records.h)
  std::size_t unreadable_max = 0;  // unreadable bodies per minute; each KiB that is kept of them counts as one more
};

enum class DeviceLimit : std::uint8_t { day, unreadable };
/// The name for logs and metrics: "day" or "unreadable".
std::string_view name_of(DeviceLimit limit);

struct LimitReached {
  DeviceLimit limit{};
  std::chrono::seconds retry_after{};  // 1 to 3600
};

/// The counts of one process since its start, about 40 bytes per device. Thread-safe.
class DeviceLimits {
 public:
  explicit DeviceLimits(const DeviceLimitRules& rules);
  ~DeviceLimits();

  /// Whether the device has reached a limit. Checked before its body is read.
  std::optional<LimitReached> reached(DeviceNumber device, ServerTime now) const;

  /// Counts `records`, unless a limit is reached or would be exceeded.
  std::optional<LimitReached> take(DeviceNumber device, std::size_t records, ServerTime now);
  /// Gives back records that were taken at `taken_at` but could not be kept.
  void give_back(DeviceNumber device, std::size_t records, ServerTime taken_at);

  /// Counts a body that is unreadable or too large when unpacked. `bytes` is the size of the part that is kept, or of
  /// the wasted work.
  void count_unreadable(DeviceNumber device, std::size_t bytes, ServerTime now);

 private:
  class UsageOfDevices;
  const DeviceLimitRules rules_;
  const std::unique_ptr<UsageOfDevices> usage_;
};

}  // namespace packwalk
