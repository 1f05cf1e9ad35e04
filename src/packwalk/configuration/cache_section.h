// [cache]: the Redis that tells ingest which packets come again.
#pragma once

#include <vector>

#include "adapters/redis/redis_seen_keys.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

/// Without a url: nobody guesses which keys are taken.
struct CacheSection : CacheOptions {
  bool is_used() const { return !url.empty(); }
};

std::vector<Setting<CacheSection>> cache_settings();

}  // namespace packwalk
