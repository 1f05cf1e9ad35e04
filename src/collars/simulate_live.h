// A simulated town that sends while time passes.
#pragma once

#include <functional>
#include <string>

#include "collars/upload_sink.h"
#include "town/town.h"

namespace packwalk {

/// The time that passes, so that a test can let it pass at once.
struct LiveTime {
  std::function<ServerTime()> now;
  std::function<void(ServerTime)> sleep_until;
  std::function<bool()> stopped;  // asked at least twice a second
};

/// The clocks of this machine; stops when `stopped` says so.
LiveTime real_time(std::function<bool()> stopped);

struct LiveTally {
  std::uint64_t uploads = 0;  // that the sink took
  std::uint64_t packets = 0;
  std::uint64_t repeated = 0;  // attempts that the sink asked to make again
  std::uint64_t given_up = 0;  // packets
  DeviceTime until;            // the town's time at the end
  std::string trouble;         // what the sink said when it finished, if it was not content
};

/// Sends each upload at its time, in order; the town's start is now, and a second of its time takes 1/`speed` s. What
/// the sink cannot take now is offered again after some seconds, as a collar would; of more than a million packets that
/// wait so, the oldest are given up. Ends with the town, or when stopped. `report` is told the tally now and then.
LiveTally run_live(const town::Town& town, double speed, UploadSink& sink, const LiveTime& time,
                   const std::function<void(const LiveTally&)>& report);

}  // namespace packwalk
