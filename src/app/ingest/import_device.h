// Brings what one store keeps of a device into another one.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "ports/ingest_store.h"
#include "ports/live_feed.h"
#include "ports/query_store.h"

namespace packwalk {

struct ImportTotals {
  std::int64_t messages = 0;                         // that there are
  std::int64_t imported = 0;                         // of them, those that were not there yet
  std::int64_t left = 0;                             // of them, those that the other store does not take
  std::map<std::string, std::int64_t> left_because;  // how many of these why
};

/// Every message of `device` in `from` is judged and kept in `into` as one of `device_there`, at the time when it came;
/// what is there already is left as it is, so it can be done again, also while collars send. Where `into` knew nothing
/// of the device, the verdicts are those of before: the accepted messages go first. What `into` does not take
/// is left out and counted: a packet of a month that it no longer keeps, and what came before `kept_since`, of which it
/// no longer knows what it had, so that it might be kept twice. Blocks; errors are the stores'.
Result<ImportTotals> import_device(QueryStore& from, DeviceNumber device, IngestStore& into, DeviceNumber device_there,
                                   ServerTime kept_since, LiveFeed& live);

/// How many messages of `device` in `from` are not in `into`, byte by byte.
Result<std::int64_t> count_missing(QueryStore& from, DeviceNumber device, IngestStore& into, DeviceNumber device_there);

}  // namespace packwalk
