// The current positions of all dogs, from ingest in this process or another one, otherwise from the store.
#pragma once

#include <atomic>
#include <chrono>
#include <span>
#include <string>

#include "app/questions/live_positions.h"
#include "ports/live_feed.h"
#include "ports/query_store.h"

namespace packwalk {

/// Thread-safe, but for catch_up().
class FollowedPositions final : public LiveFeed, public LiveListener {
 public:
  /// `store` outlives it.
  explicit FollowedPositions(QueryStore& store) : store_(store) {}

  /// Reads all positions again if some may have been missed, or, without a feed, every few seconds. For one thread,
  /// which waits for the store. Logs impossible rows and leaves them out.
  Result<void> catch_up(bool is_told);

  const LivePositions& all() const { return positions_; }

  // If memory runs out, drops all positions and reads them again later. Commits are not affected.
  void publish(std::span<const DevicePosition> positions) override { hear(positions); }
  void hear(std::span<const DevicePosition> positions) override;
  void miss() override { missed_ = true; }

 private:
  Result<void> read();
  void name_impossible(const std::string& detail);

  QueryStore& store_;
  LivePositions positions_;
  std::atomic<bool> missed_ = true;
  // For the thread that calls catch_up():
  std::chrono::steady_clock::time_point read_at_;
  std::string named_impossible_;  // the last logged impossible row
};

}  // namespace packwalk
