// The door for collars.
#pragma once

#include <vector>

#include "doors/device_admission.h"
#include "http/router.h"

namespace packwalk {

/// POST /v1/packets: JSON, NDJSON or the binary form. 202 when all is on disk: {"taken_count": n, "invalid": [..]}; 400
/// when the body cannot be read (a part of it is kept all the same); 401, 413, 415 when nothing was kept; 503 to send it
/// again. And the doors for phones (phone_doors.h).
std::vector<Route> device_doors(DoorParts parts);

}  // namespace packwalk
