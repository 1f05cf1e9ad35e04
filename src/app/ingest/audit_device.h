// Recomputes all data of a device from its kept messages, and reports differences in the store.
#pragma once

#include <array>
#include <functional>
#include <string>

#include "ports/audit_store.h"

namespace packwalk {

struct AuditTotals {
  std::int64_t devices = 0;
  std::array<std::int64_t, verdict_count> messages{};  // by verdict, as they are stored
  std::int64_t fixes = 0;
  std::int64_t samples = 0;
  std::int64_t differences = 0;
};

/// Receives each difference, as a sentence without the device.
using TellDifference = std::function<void(const std::string&)>;

/// Decodes each message again and compares its hash. Compares its verdict with the row of its key (accepted: equal;
/// duplicate: same hash; conflict: another hash). Compares the rows and the state with those that the messages give.
/// Follows the changes of status in the outbox: a packet caused each, each begins where the previous one ended, and the
/// last one is the current status. The range of valid times and the status byte of phones are those of the
/// configuration at arrival, which the reason and the hash reveal. Rows whose messages are no longer kept are not
/// checked. Memory does not grow with the number of messages. Adds to `totals`. Errors are those of the store.
Result<void> audit_device(DeviceSnapshot& snapshot, DeviceNumber device, const KeptSince& kept, AuditTotals& totals,
                          const TellDifference& differs);

}  // namespace packwalk
