// The sub-command `packwalk simulate`: a town of dogs, into files or live.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collars/upload_sink.h"
#include "packwalk/commands/device_tokens.h"

namespace CLI {
class App;
}  // namespace CLI

namespace packwalk {

/// The target of `--live`.
struct LiveTarget {
  SendTarget server;
  std::vector<std::string> devices;  // that will send
};

struct SimulateHost {
  std::function<Result<std::unique_ptr<UploadSink>>(const LiveTarget&)> open_sink;  // empty: `--live` is refused
  std::function<bool()> stopped;  // whether the user requests a stop; empty: never
};

/// Adds the sub-command. If the command line names it, sets `chosen` to a function that runs it and returns the exit
/// status: 0, 1 for a failure, or 2 for wrong options.
void add_simulate(CLI::App& app, std::function<int()>& chosen, SimulateHost host);

}  // namespace packwalk
