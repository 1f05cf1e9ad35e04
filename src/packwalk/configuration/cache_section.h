// [cache]: the Redis that remembers which keys ingest has committed.
#pragma once

#include <vector>

#include "adapters/redis/redis_seen_keys.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

/// Without a url, ingest has no hint of which keys exist.
struct CacheSection : CacheOptions {
  bool is_used() const { return !url.empty(); }
};

std::vector<Setting<CacheSection>> cache_settings();

}  // namespace packwalk
