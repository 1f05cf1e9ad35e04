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
  std::string ca_file;  // for TLS: whom to believe; empty: the system's
  std::string name = "packwalk.seen";
  std::chrono::milliseconds answer_max{100};
};

/// Each hour of the server's clock is a field of 2^27 bits (16 MiB at most, gone after two hours) in which the hash of
/// a key names its bit. When Redis does not answer a command within `answer_max`, it is left alone for five seconds
/// and nothing is guessed to be seen. Errc::invalid_input for a url that is none; Redis need not be there.
Result<std::unique_ptr<SeenKeys>> make_redis_seen_keys(const CacheOptions& options);

}  // namespace packwalk
