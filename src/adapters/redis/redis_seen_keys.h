// Recently seen keys, shared by all workers, in a Redis.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/result.h"
#include "ports/seen_keys.h"

namespace packwalk {

struct CacheOptions {
  std::string url;      // redis://[user:password@]host[:port], or rediss:// for TLS
  std::string ca_file;  // CA bundle for TLS; empty: the system's
  std::string name = "packwalk.seen";
  std::chrono::milliseconds answer_max{100};
};

/// Each hour of the server's clock has a field of 2^27 bits (at most 16 MiB, which expires after two hours); the hash
/// of a key selects its bit. If Redis does not answer a command within `answer_max`, it is not queried for five
/// seconds, and no key counts as seen. Errc::invalid_input: the url is not valid. Redis need not run.
Result<std::unique_ptr<SeenKeys>> make_redis_seen_keys(const CacheOptions& options);

}  // namespace packwalk
