// Port: who keeps a store in order beside those who write: room for what comes, and an end for what is too old.
// Contract: tests/contract/store_keeper_test.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace packwalk {

/// What becomes of a part of the store that is too old: it goes, or is put aside as a table of its own.
enum class WhenOld { detach, drop };

/// How long is what kept? 0: for ever.
struct KeepRules {
  int messages_days = 0;
  int fixes_months = 0;  // and samples, besides the month that has begun; a month more for what waits in queues
  WhenOld when_old = WhenOld::detach;
  int events_days = 7;  // that nobody has sent
};

struct KeeperReport {
  std::vector<std::string> gone;           // parts that are no longer there
  std::optional<ServerTime> oldest_event;  // caused_at of the oldest that waits, as an event or as a delivery
};

/// Calls block, but hold up nobody who reads or writes; one thread. Of several at once one does the work.
/// Errc::unavailable: try again later; what was begun is ended then.
class StoreKeeper {
 public:
  virtual ~StoreKeeper() = default;

  virtual Result<KeeperReport> keep(ServerTime now, const KeepRules& rules) = 0;
};

}  // namespace packwalk
