#include "app/ingest/device_limits.h"

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <mutex>

namespace packwalk {
namespace {

constexpr std::chrono::seconds retry_after_max{3600};
constexpr std::chrono::minutes unreadable_window{1};
constexpr std::size_t bytes_of_one = 1024;

std::int32_t day_of(ServerTime time) {
  return static_cast<std::int32_t>(std::chrono::floor<std::chrono::days>(time).time_since_epoch().count());
}

std::chrono::seconds bounded(std::chrono::microseconds wait) {
  return std::clamp(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds(1), retry_after_max);
}

LimitReached day_reached(ServerTime now) {
  const auto tomorrow = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
  return {DeviceLimit::day, bounded(tomorrow - now)};
}

struct Day {
  std::int32_t number = 0;  // since 1970
  std::uint32_t records = 0;
};

/// Around midnight, packets of two days arrive in any order, so each day has its own count: one slot for even days, one
/// for odd days.
struct Usage {
  std::array<Day, 2> days;
  ServerTime unreadable_until;  // when the bucket is empty

  std::size_t records_of(std::int32_t day) const {
    const Day& slot = days[static_cast<std::uint32_t>(day) % 2];
    return slot.number == day ? slot.records : 0;
  }
  void set_records(std::int32_t day, std::size_t records) {
    days[static_cast<std::uint32_t>(day) % 2] = {day, static_cast<std::uint32_t>(records)};
  }
};

/// The share of the window per body.
std::chrono::microseconds share_of_one(std::size_t unreadable_max) {
  return std::chrono::microseconds(unreadable_window) / static_cast<std::int64_t>(unreadable_max);
}

/// A leaky bucket. It is full if, with one more body, it would need longer than the window to empty.
std::optional<LimitReached> unreadable_reached(const Usage& usage, std::size_t unreadable_max, ServerTime now) {
  if (unreadable_max == 0) return std::nullopt;
  const std::chrono::microseconds wait =
      usage.unreadable_until + share_of_one(unreadable_max) - now - unreadable_window;
  if (wait.count() <= 0) return std::nullopt;
  return LimitReached{DeviceLimit::unreadable, bounded(std::min<std::chrono::microseconds>(wait, unreadable_window))};
}

}  // namespace

class DeviceLimits::UsageOfDevices {
 public:
  struct Share {
    std::mutex mutex;
    boost::unordered_flat_map<DeviceNumber, Usage, std::hash<DeviceNumber>> usages;  // guarded by mutex
  };

  Share& of(DeviceNumber device) { return shares_.at(static_cast<std::uint64_t>(device.value) % shares_.size()); }

 private:
  std::array<Share, 16> shares_;  // so that event loops seldom wait for each other
};

DeviceLimits::DeviceLimits(const DeviceLimitRules& rules) : rules_(rules), usage_(std::make_unique<UsageOfDevices>()) {}
DeviceLimits::~DeviceLimits() = default;

std::string_view name_of(DeviceLimit limit) { return limit == DeviceLimit::day ? "day" : "unreadable"; }

std::optional<LimitReached> DeviceLimits::reached(DeviceNumber device, ServerTime now) const {
  if (rules_.day_max == 0 && rules_.unreadable_max == 0) return std::nullopt;
  UsageOfDevices::Share& share = usage_->of(device);
  const std::lock_guard lock(share.mutex);
  const auto found = share.usages.find(device);
  if (found == share.usages.end()) return std::nullopt;
  const Usage& usage = found->second;
  if (rules_.day_max > 0 && usage.records_of(day_of(now)) >= rules_.day_max) return day_reached(now);
  return unreadable_reached(usage, rules_.unreadable_max, now);
}

std::optional<LimitReached> DeviceLimits::take(DeviceNumber device, std::size_t records, ServerTime now) {
  if (rules_.day_max == 0 && rules_.unreadable_max == 0) return std::nullopt;
  UsageOfDevices::Share& share = usage_->of(device);
  const std::lock_guard lock(share.mutex);
  Usage& usage = share.usages[device];
  const std::size_t taken = usage.records_of(day_of(now));
  if (rules_.day_max > 0 && records > rules_.day_max - taken) return day_reached(now);
  if (const auto reached = unreadable_reached(usage, rules_.unreadable_max, now)) return reached;
  if (rules_.day_max > 0) usage.set_records(day_of(now), taken + records);
  return std::nullopt;
}

void DeviceLimits::give_back(DeviceNumber device, std::size_t records, ServerTime taken_at) {
  if (rules_.day_max == 0) return;
  UsageOfDevices::Share& share = usage_->of(device);
  const std::lock_guard lock(share.mutex);
  const auto found = share.usages.find(device);
  if (found == share.usages.end()) return;
  const std::size_t taken = found->second.records_of(day_of(taken_at));
  if (taken > 0) found->second.set_records(day_of(taken_at), taken - std::min(taken, records));
}

void DeviceLimits::count_unreadable(DeviceNumber device, std::size_t bytes, ServerTime now) {
  if (rules_.unreadable_max == 0) return;
  const std::chrono::microseconds one = share_of_one(rules_.unreadable_max);
  const auto cost = one * static_cast<std::int64_t>(1 + bytes / bytes_of_one);
  UsageOfDevices::Share& share = usage_->of(device);
  const std::lock_guard lock(share.mutex);
  ServerTime& until = share.usages[device].unreadable_until;
  until = std::max(until, now) + cost;
  // The refusal never lasts longer than a window, even after many bodies at once or a clock that was ahead.
  until = std::min<ServerTime>(until, now + 2 * unreadable_window - one);
}

}  // namespace packwalk
