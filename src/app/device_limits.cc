#include "app/device_limits.h"

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

struct Account {
  std::int32_t day = 0;         // since 1970
  std::size_t records = 0;      // of that day
  ServerTime unreadable_until;  // when all that was counted is forgotten
};

/// A bucket that leaks: it is full when what it holds needs more than the window to run out.
std::optional<LimitReached> unreadable_reached(const Account& account, ServerTime now) {
  const std::chrono::microseconds wait = account.unreadable_until - now - unreadable_window;
  if (wait.count() <= 0) return std::nullopt;
  return LimitReached{DeviceLimit::unreadable, bounded(std::min<std::chrono::microseconds>(wait, unreadable_window))};
}

}  // namespace

class DeviceLimits::Accounts {
 public:
  struct Share {
    std::mutex mutex;
    boost::unordered_flat_map<DeviceNumber, Account, std::hash<DeviceNumber>> accounts;  // guarded by mutex
  };

  Share& of(DeviceNumber device) { return shares_.at(static_cast<std::uint64_t>(device.value) % shares_.size()); }

 private:
  std::array<Share, 16> shares_;  // so that event loops seldom wait for each other
};

DeviceLimits::DeviceLimits(const DeviceLimitRules& rules) : rules_(rules), accounts_(std::make_unique<Accounts>()) {}
DeviceLimits::~DeviceLimits() = default;

std::string_view name_of(DeviceLimit limit) { return limit == DeviceLimit::day ? "day" : "unreadable"; }

std::optional<LimitReached> DeviceLimits::reached(DeviceNumber device, ServerTime now) const {
  if (rules_.day_max == 0 && rules_.unreadable_max == 0) return std::nullopt;
  Accounts::Share& share = accounts_->of(device);
  const std::lock_guard lock(share.mutex);
  const auto found = share.accounts.find(device);
  if (found == share.accounts.end()) return std::nullopt;
  const Account& account = found->second;
  if (rules_.day_max > 0 && account.day == day_of(now) && account.records >= rules_.day_max) return day_reached(now);
  return unreadable_reached(account, now);
}

std::optional<LimitReached> DeviceLimits::take(DeviceNumber device, std::size_t records, ServerTime now) {
  if (rules_.day_max == 0) return std::nullopt;
  Accounts::Share& share = accounts_->of(device);
  const std::lock_guard lock(share.mutex);
  Account& account = share.accounts[device];
  if (account.day != day_of(now)) {
    account.day = day_of(now);
    account.records = 0;
  }
  if (records > rules_.day_max - std::min(account.records, rules_.day_max)) return day_reached(now);
  account.records += records;
  return std::nullopt;
}

void DeviceLimits::give_back(DeviceNumber device, std::size_t records, ServerTime taken_at) {
  if (rules_.day_max == 0) return;
  Accounts::Share& share = accounts_->of(device);
  const std::lock_guard lock(share.mutex);
  const auto found = share.accounts.find(device);
  if (found == share.accounts.end() || found->second.day != day_of(taken_at)) return;
  found->second.records -= std::min(found->second.records, records);
}

void DeviceLimits::count_unreadable(DeviceNumber device, std::size_t bytes, ServerTime now) {
  if (rules_.unreadable_max == 0) return;
  const auto one = std::chrono::microseconds(unreadable_window) / static_cast<std::int64_t>(rules_.unreadable_max);
  const auto cost = one * static_cast<std::int64_t>(1 + bytes / bytes_of_one);
  Accounts::Share& share = accounts_->of(device);
  const std::lock_guard lock(share.mutex);
  ServerTime& until = share.accounts[device].unreadable_until;
  until = std::max(until, now) + cost;
  // No longer, also where many came at once, or the clock was ahead.
  until = std::min<ServerTime>(until, now + 2 * unreadable_window);
}

}  // namespace packwalk
