// [bus]: the Redis that carries live positions from ingest to api.
#pragma once

#include <vector>

#include "adapters/redis/bus.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

/// Without a url, api polls the database every few seconds.
struct BusSection : BusOptions {
  bool is_used() const { return !url.empty(); }
};

std::vector<Setting<BusSection>> bus_settings();

}  // namespace packwalk
