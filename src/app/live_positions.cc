#include "app/live_positions.h"

namespace packwalk {

Result<void> LivePositions::fill_from(QueryStore& store) {
  const auto lock = writing();
  return store.each_position([this](const DevicePosition& position) { index_.put(position); });
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
