// [ops]: where operators find metrics and why a server is not ready.
#pragma once

#include <vector>

#include "http/server.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

struct OpsSection : ServerOptions {
  OpsSection() : ServerOptions{.port = 8081, .threads = 1} {}

  bool is_chosen = false;  // by the configuration, so it must be just that
};

std::vector<Setting<OpsSection>> ops_settings();

}  // namespace packwalk
