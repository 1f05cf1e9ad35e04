// Where all dogs are now, as ingest tells it, in this process or another one, and else as the store says.
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

  /// Reads all positions anew if some may have been missed, or if nobody tells them and that was done seconds ago. One
  /// thread, which waits for the store. Impossible rows are logged and left out.
  Result<void> catch_up(bool is_told);

  const LivePositions& all() const { return positions_; }

  // Without memory for them all positions are forgotten, and read anew; what was committed stays so.
  void publish(std::span<const DevicePosition> positions) override { hear(positions); }
  void hear(std::span<const DevicePosition> positions) override;
  void miss() override { missed_ = true; }

 private:
  Result<void> read();
  void name_impossible(const std::string& detail);

  QueryStore& store_;
  LivePositions positions_;
  std::atomic<bool> missed_ = true;
  // Of whoever calls catch_up():
  std::chrono::steady_clock::time_point read_at_;
  std::string named_impossible_;  // the last impossible row that was logged
};

}  // namespace packwalk
