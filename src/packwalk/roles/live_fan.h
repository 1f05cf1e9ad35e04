// Publishes positions to several receivers.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include "ports/live_feed.h"

namespace packwalk {

/// Publishes to the api role of this process, if there is one, and to other processes.
class LiveFan final : public LiveFeed {
 public:
  /// `here` outlives it. Either may be null.
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
