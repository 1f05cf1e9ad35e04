// The sub-command `packwalk simulate`: a town of dogs, into files or live.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "collars/upload_sink.h"
#include "packwalk/commands/device_tokens.h"

namespace packwalk {

/// Where `--live` sends to.
struct LiveTarget {
  SendTarget server;
  std::vector<std::string> devices;  // that will send
};

struct SimulateHost {
  std::function<Result<std::unique_ptr<UploadSink>>(const LiveTarget&)> open_sink;  // empty: `--live` is refused
  std::function<bool()> stopped;  // whether the user wants it to end; empty: never
};

/// Adds the sub-command. When the command line names it, `chosen` becomes what runs it; that returns the exit status:
/// 0, or 1 when it failed, or 2 when the options are wrong.
void add_simulate(CLI::App& app, std::function<int()>& chosen, SimulateHost host);

}  // namespace packwalk
