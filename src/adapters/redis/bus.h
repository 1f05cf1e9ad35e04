// Live positions from ingest workers to API nodes, over a channel of Redis.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "ports/live_feed.h"

namespace packwalk {

struct BusOptions {
  std::string url;      // redis://[user:password@]host:port, or rediss:// for TLS
  std::string ca_file;  // for TLS: whom to believe; empty: the system's
  std::string channel = "packwalk.positions";
};

/// Errc::invalid_input for a url that is none. Redis need not be there yet.
Result<std::unique_ptr<LiveFeed>> make_redis_feed(const BusOptions& options);

/// `listener` outlives it. Every message has a number of its worker, and each worker says something every second: a
/// number that is left out, and each new connection, is a miss.
Result<std::unique_ptr<LiveSource>> make_redis_source(const BusOptions& options, LiveListener& listener);

}  // namespace packwalk
