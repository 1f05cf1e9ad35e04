// The doors for phones that play a collar (docs/formats.md).
#pragma once

#include <vector>

#include "http/device_admission.h"
#include "http/router.h"

namespace packwalk {

/// /osmand, /owntracks, /overland. Phones are answered 200 whatever is wrong with their packets, as they would
/// otherwise send them for ever or throw all away. Where the token may stand in the body, that is small.
std::vector<Route> phone_doors(const DoorParts& parts);

}  // namespace packwalk
