// A simulated town that sends in real time.
#pragma once

#include <functional>
#include <string>

#include "collars/upload_sink.h"
#include "town/town.h"

namespace packwalk {

/// The clock of the simulation, so that a test can advance it.
struct LiveTime {
  std::function<ServerTime()> now;
  std::function<void(ServerTime)> sleep_until;
  std::function<bool()> stopped;  // called at least twice per second
};

/// The clocks of this machine; stops when `stopped` says so.
LiveTime real_time(std::function<bool()> stopped);

struct LiveTally {
  std::uint64_t uploads = 0;  // uploads that the sink accepted
  std::uint64_t packets = 0;
  std::uint64_t repeated = 0;  // attempts that must be repeated
  std::uint64_t given_up = 0;  // packets
  DeviceTime until;            // the town's time at the end
  std::string trouble;         // the error of the sink at the end, if there was one
};

/// Sends each upload at its time, in order; the town's start is now, and a second of its time takes 1/`speed` s. If the
/// sink cannot accept an upload now, it is offered again after some seconds, as by a collar; beyond a million waiting
/// packets, the oldest are given up. Ends with the town, or when stopped. `report` receives the tally from time to
/// time.
LiveTally run_live(const town::Town& town, double speed, UploadSink& sink, const LiveTime& time,
                   const std::function<void(const LiveTally&)>& report);

}  // namespace packwalk
