// Sends a scheduled recording and keeps the tally.
#pragma once

#include <chrono>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "collars/collar_client.h"
#include "replay/packet_form.h"
#include "replay/schedule.h"
#include "replay/tally.h"

namespace packwalk {

struct ReplayRules {
  double speed = 0;  // seconds of device time in a second; 0: as fast as the server takes them
  std::size_t connections = 16;
  std::size_t batch = 100;  // packets of a request
  replay::PacketForm form = replay::PacketForm::json;
  bool gzip = false;
  std::chrono::seconds give_up{300};
};

struct ReplayProgress {
  std::size_t done = 0;  // packets that were sent, refused or given up
  std::size_t all = 0;
};

/// The packets to send: the rows of `recording`, in the order and at the times of `sends`, with the tokens of its
/// devices. All outlive the run.
struct ReplayPlan {
  const replay::Recording& recording;
  std::span<const replay::Send> sends;
  const DeviceTokens& tokens;
  const ReplayRules& rules;
};

/// The observer of a run: the run ends soon after `stopped` returns true, and calls `report` a few times per second.
struct ReplayWatch {
  std::function<bool()> stopped;
  std::function<void(const ReplayProgress&)> report;
};

/// Sends each device's packets one request after another. `tally` has the devices of the recording, index by index.
/// Ends when all packets are answered or given up, or when it is stopped.
void run_replay(const ReplayPlan& plan, CollarClient& client, const ReplayWatch& watch, replay::ReplayTally& tally);

}  // namespace packwalk
