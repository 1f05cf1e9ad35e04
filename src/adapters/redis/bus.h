// Live positions from ingest workers to API nodes, over a channel of Redis.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "ports/live_feed.h"

namespace packwalk {

struct BusOptions {
  std::string url;      // redis://[user:password@]host:port, or rediss:// for TLS
  std::string ca_file;  // CA bundle for TLS; empty: the system's
  std::string channel = "packwalk.positions";
};

/// Errc::invalid_input: the url is not valid. Redis need not run yet.
Result<std::unique_ptr<LiveFeed>> make_redis_feed(const BusOptions& options);

/// `listener` outlives it. Each worker numbers its messages and sends one every second. A missing number is a miss, and
/// so is each new connection.
Result<std::unique_ptr<LiveSource>> make_redis_source(const BusOptions& options, LiveListener& listener);

}  // namespace packwalk
