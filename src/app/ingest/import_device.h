// Imports the messages of a device from one store into another.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "ports/ingest_store.h"
#include "ports/live_feed.h"
#include "ports/message_reader.h"

namespace packwalk {

struct ImportTotals {
  std::int64_t messages = 0;                         // messages of the device
  std::int64_t imported = 0;                         // messages that were new
  std::int64_t left = 0;                             // messages that the target does not accept
  std::map<std::string, std::int64_t> left_because;  // their number by reason
};

/// The target of an import, and its device.
struct ImportTarget {
  IngestStore& store;
  DeviceNumber device;
  ServerTime kept_since;  // the target has dropped earlier messages
  LiveFeed& live;
};

/// Ingests every message of `device` in `from` into the target, with its time of arrival. A message that the target
/// already has does not change, so an import can be repeated, even while collars send. If the target had no messages of
/// the device, the verdicts stay the same, because accepted messages go first. Messages that the target does not accept
/// are left out and counted: packets of a month that it no longer keeps, and messages from before `kept_since`, which
/// might be stored twice. Blocks; errors are those of the stores.
Result<ImportTotals> import_device(MessageReader& from, DeviceNumber device, const ImportTarget& target);

/// The number of messages of `device` in `from` that are missing in `into`, compared byte by byte.
Result<std::int64_t> count_missing(MessageReader& from, DeviceNumber device, IngestStore& into,
                                   DeviceNumber device_there);

}  // namespace packwalk
