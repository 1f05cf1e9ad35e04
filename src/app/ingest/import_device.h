// Brings what one store keeps of a device into another one.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "ports/ingest_store.h"
#include "ports/live_feed.h"
#include "ports/message_reader.h"

namespace packwalk {

struct ImportTotals {
  std::int64_t messages = 0;                         // that there are
  std::int64_t imported = 0;                         // of them, those that were not there yet
  std::int64_t left = 0;                             // of them, those that the other store does not take
  std::map<std::string, std::int64_t> left_because;  // how many of these why
};

/// Where a device's messages are brought, and as which device.
struct ImportTarget {
  IngestStore& store;
  DeviceNumber device;
  ServerTime kept_since;  // what came before, the store has dropped
  LiveFeed& live;
};

/// Judges every message of `device` in `from` and keeps it in the target, at the time when it came. A message that the
/// target has stays as it is, so an import can be repeated, also while collars send. Where the target knew nothing of
/// the device, the verdicts are those of before: the accepted messages go first. A message that the target does not
/// take is left out and counted: a packet of a month that the target no longer keeps, and what came before
/// `kept_since`, which might be kept twice. Blocks; errors are the stores'.
Result<ImportTotals> import_device(MessageReader& from, DeviceNumber device, const ImportTarget& target);

/// How many messages of `device` in `from` are not in `into`, byte by byte.
Result<std::int64_t> count_missing(MessageReader& from, DeviceNumber device, IngestStore& into,
                                   DeviceNumber device_there);

}  // namespace packwalk
