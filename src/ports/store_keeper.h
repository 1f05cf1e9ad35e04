// Port: maintenance of a store: partitions for new data, and retention of old data. Contract:
// tests/contract/store_keeper_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace packwalk {

/// What happens to an old part of the store: it is dropped, or detached as a table of its own.
enum class WhenOld { detach, drop };

/// The retention. 0: forever.
struct KeepRules {
  int messages_days = 0;
  int fixes_months = 0;  // and samples, in addition to the current month; one month more for packets in queues
  WhenOld when_old = WhenOld::detach;
  int events_days = 7;  // that were not sent
};

struct KeeperReport {
  std::vector<std::string> gone;  // parts that were removed
  std::int64_t undelivered = 0;   // events and deliveries that were removed
};

/// Calls block, but do not block readers or writers; one thread. Of several processes, one does the work.
/// Errc::unavailable: try again later; the next call completes the work.
class StoreKeeper {
 public:
  virtual ~StoreKeeper() = default;

  virtual Result<KeeperReport> keep(ServerTime now, const KeepRules& rules) = 0;

  /// caused_at of the oldest waiting event or delivery; empty if none waits.
  virtual Result<std::optional<ServerTime>> oldest_event() = 0;
};

}  // namespace packwalk
