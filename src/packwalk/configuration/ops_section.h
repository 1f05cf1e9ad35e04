// [ops]: the address for operators, with metrics and the cause of a server that is not ready.
#pragma once

#include <vector>

#include "http/server.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

struct OpsSection : ServerOptions {
  OpsSection() : ServerOptions{.port = 8081, .threads = 1} {}

  bool is_chosen = false;  // set by the configuration, so no other address will do
};

std::vector<Setting<OpsSection>> ops_settings();

}  // namespace packwalk
