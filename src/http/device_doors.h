// The doors for collars, and for phones that play one.
#pragma once

#include <vector>

#include "app/accept_packets.h"
#include "app/device_directory.h"
#include "http/blocking_pool.h"
#include "http/router.h"

namespace packwalk {

/// What the doors need; main owns all of it, and it outlives every request.
struct DoorParts {
  const AcceptPackets& packets;
  DeviceDirectory& directory;
  BlockingPool& pool;
  std::size_t unpacked_bytes_max = 8UL * 1024 * 1024;  // of a gzip body
  std::size_t body_bytes_max = 1024UL * 1024;
};

/// POST /v1/packets: JSON, NDJSON or the binary form. 202 when all is on disk: {"taken": n, "invalid": [..]}; 400 when
/// the body cannot be read (it is kept all the same); 401, 413, 415 when nothing was kept; 503 to send it again.
/// /osmand, /owntracks, /overland (docs/formats.md): the same for phones, which are answered 200 whatever is wrong
/// with their packets, as they would otherwise send them for ever or throw all away.
std::vector<Route> device_doors(DoorParts parts);

}  // namespace packwalk
