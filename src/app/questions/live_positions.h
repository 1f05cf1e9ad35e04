// The current positions of all dogs, in memory: read from the store at start, and updated by ingest after each commit.
#pragma once

#include <mutex>
#include <shared_mutex>
#include <span>

#include "core/access/access.h"
#include "core/state/position_index.h"
#include "ports/live_feed.h"
#include "ports/query_store.h"

namespace packwalk {

/// Thread-safe.
class LivePositions final : public LiveFeed {
 public:
  /// Reads every current position. Errors are those of the store.
  Result<void> fill_from(QueryStore& store);

  void publish(std::span<const DevicePosition> positions) override;

  std::optional<DevicePosition> find(DeviceNumber device) const;
  /// Only devices that `sight` sees; the limit counts only them.
  BoxAnswer in_box(const BoxQuery& query, const Sight& sight) const;
  std::size_t size() const;

 private:
  /// Readers pass the gate too: otherwise a stream of readers would starve the writer (glibc prefers readers).
  std::shared_lock<std::shared_mutex> reading() const;
  std::unique_lock<std::shared_mutex> writing();
  BoxAnswer of_devices(const BoxQuery& query, std::span<const DeviceNumber> devices) const;

  mutable std::mutex gate_;
  mutable std::shared_mutex mutex_;
  PositionIndex index_;  // guarded by mutex_
};

}  // namespace packwalk
