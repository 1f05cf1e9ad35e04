// The door for collars.
#pragma once

#include <vector>

#include "doors/device_admission.h"
#include "http/router.h"

namespace packwalk {

/// POST /v1/packets: JSON, NDJSON or the binary form. 202 when everything is on disk: {"taken_count": n, "invalid":
/// [..]}; 400 for an unreadable body (a part of it is kept); 401, 413, 415 if nothing was kept; 503: send it again.
/// Also the doors for phones (phone_doors.h).
std::vector<Route> device_doors(DoorParts parts);

}  // namespace packwalk
