#include "app/questions/live_positions.h"

#include <vector>

namespace packwalk {
namespace {

constexpr std::size_t positions_at_once = 1000;

}  // namespace

Result<void> LivePositions::fill_from(QueryStore& store) {
  std::vector<DevicePosition> some;  // so that nobody waits for the store
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

BoxAnswer LivePositions::in_box(const BoxQuery& query) const {
  const auto lock = reading();
  return index_.in_box(query);
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
