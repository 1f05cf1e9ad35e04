// The doors for phones that play a collar (docs/formats.md).
#pragma once

#include <vector>

#include "doors/device_admission.h"
#include "http/router.h"

namespace packwalk {

/// /osmand, /, /owntracks, /pub, /overland. Each reads the forms of all apps, known by the body. A body that is
/// understood is answered 200 whatever is wrong with its packets, as phones would otherwise send them for ever; one
/// that nobody understood is not, as they would throw it away. Where the token may stand in the body, that is small.
std::vector<Route> phone_doors(const DoorParts& parts);

}  // namespace packwalk
