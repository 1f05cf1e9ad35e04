// Brings what one store keeps of a device into another one.
#pragma once

#include <cstdint>

#include "ports/ingest_store.h"
#include "ports/live_feed.h"
#include "ports/query_store.h"

namespace packwalk {

struct ImportTotals {
  std::int64_t messages = 0;  // that there are
  std::int64_t imported = 0;  // of them, those that were not there yet
};

/// Every message of `device` in `from` is judged and kept in `into` as one of `device_there`, at the time when it came;
/// what is there already is left as it is, so it can be done again, also while collars send. Where `into` knew nothing
/// of the device, the verdicts are those of before: the accepted messages go first. Blocks; errors are the stores', and
/// Errc::conflict when a message came before `kept_since`: of what arrived so early `into` no longer knows what it had,
/// so it might be kept twice.
Result<ImportTotals> import_device(QueryStore& from, DeviceNumber device, IngestStore& into, DeviceNumber device_there,
                                   ServerTime kept_since, LiveFeed& live);

/// How many messages of `device` in `from` are not in `into`, byte by byte.
Result<std::int64_t> count_missing(QueryStore& from, DeviceNumber device, IngestStore& into, DeviceNumber device_there);

}  // namespace packwalk
