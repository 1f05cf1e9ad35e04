// Tells several who want to know where dogs are.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "ports/live_feed.h"

namespace packwalk {

/// The api role of this process, where there is one, and those of others.
class LiveFan final : public LiveFeed {
 public:
  /// `here` outlives it; either may be none.
  LiveFan(LiveFeed* here, std::unique_ptr<LiveFeed> bus) : here_(here), bus_(std::move(bus)) {}

  void publish(std::span<const DevicePosition> positions) override {
    if (here_) here_->publish(positions);
    if (bus_) bus_->publish(positions);
  }

 private:
  LiveFeed* const here_;
  const std::unique_ptr<LiveFeed> bus_;
};

}  // namespace packwalk
