// The doors for phones that play a collar (docs/formats.md).
#pragma once

#include <memory>
#include <vector>

#include "doors/device_admission.h"
#include "http/router.h"

namespace packwalk {

/// /osmand, /, /owntracks, /pub, /overland. Each door reads the formats of all apps, and detects them by the body. A
/// readable body is answered 200 even if packets are invalid, because phones would otherwise send them forever. An
/// unreadable body is not, because phones would delete it. If the token may be in the body, the body must be small.
std::vector<Route> phone_doors(const std::shared_ptr<const DoorParts>& parts);

}  // namespace packwalk
