// [packets]: the rules for valid packets, and the limits per device.
#pragma once

#include <vector>

#include "app/ingest/accept_packets.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

struct PacketsSection {
  AcceptRules rules;
  DeviceLimitRules limits{.day_max = 500'000, .unreadable_max = 600};
};

std::vector<Setting<PacketsSection>> packets_settings();

}  // namespace packwalk
