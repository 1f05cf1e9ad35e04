// Recomputes from the kept messages of a device all that follows from them, and says what is stored otherwise.
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

/// Told each difference, as a sentence without the device.
using TellDifference = std::function<void(const std::string&)>;

/// Decodes each message anew and compares its hash; compares its verdict with the row under its key (accepted: it is
/// that row; duplicate: it has its hash; conflict: another); compares the rows and the state with what the messages
/// make; and follows the changes of status in the outbox: each was told by a packet, begins where the one before ended,
/// and they lead to the status. A time that was not believed on arrival and the status byte of phones are as they were
/// configured then: the reason, and the hash, tell them. What followed from messages, or led to fixes, that are no
/// longer kept is left out. Memory does not grow with the number of messages. Adds to `totals`. Errors are the store's.
Result<void> audit_device(DeviceSnapshot& snapshot, DeviceNumber device, const KeptSince& kept, AuditTotals& totals,
                          const TellDifference& differs);

}  // namespace packwalk
