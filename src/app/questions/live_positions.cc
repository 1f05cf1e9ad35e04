#include "app/questions/live_positions.h"

#include <algorithm>
#include <vector>

namespace packwalk {
namespace {

constexpr std::size_t positions_at_once = 1000;
constexpr std::size_t few_devices = 1000;  // devices that are looked up one by one, in about 0.1 ms, for any box

}  // namespace

Result<void> LivePositions::fill_from(QueryStore& store) {
  std::vector<DevicePosition> some;  // so that readers do not wait for the store
  some.reserve(positions_at_once);
  auto read = store.each_position([&](const DevicePosition& position) {
    some.push_back(position);
    if (some.size() < positions_at_once) return;
    publish(some);
    some.clear();
  });
  publish(some);
  return read;
}

void LivePositions::publish(std::span<const DevicePosition> positions) {
  if (positions.empty()) return;
  const auto lock = writing();
  for (const DevicePosition& position : positions) index_.put(position);
}

std::optional<DevicePosition> LivePositions::find(DeviceNumber device) const {
  const auto lock = reading();
  return index_.find(device);
}

BoxAnswer LivePositions::in_box(const BoxQuery& query, const Sight& sight) const {
  const auto lock = reading();
  if (sight.sees_all()) return index_.in_box(query);
  if (sight.devices().size() <= few_devices) return of_devices(query, sight.devices());
  return index_.in_box(query, [&](DeviceNumber device) { return sight.sees(device); });
}

/// The caller holds the lock.
BoxAnswer LivePositions::of_devices(const BoxQuery& query, std::span<const DeviceNumber> devices) const {
  BoxAnswer answer;
  for (auto device = std::upper_bound(devices.begin(), devices.end(), query.after); device != devices.end(); ++device) {
    const auto position = index_.find(*device);
    if (!position || position->fix.timestamp < query.earliest || !query.box.contains(position->fix.position)) continue;
    if (answer.positions.size() == query.limit) {
      answer.more = true;
      break;
    }
    answer.positions.push_back(*position);
  }
  return answer;
}

std::size_t LivePositions::size() const {
  const auto lock = reading();
  return index_.size();
}

std::shared_lock<std::shared_mutex> LivePositions::reading() const {
  const std::lock_guard through(gate_);
  return std::shared_lock(mutex_);
}

std::unique_lock<std::shared_mutex> LivePositions::writing() {
  const std::lock_guard through(gate_);
  return std::unique_lock(mutex_);
}

}  // namespace packwalk
