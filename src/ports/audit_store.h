// Port: what `packwalk check` reads: the rows as they stand, believed by nobody.
// Contract: tests/contract/audit_store_test.cc.
#pragma once

#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/archive.h"
#include "ports/query_store.h"

namespace packwalk {

struct AuditedDevice {
  DeviceNumber number;
  std::string id;  // empty when the registry does not know it
};

/// An accepted packet as its row says, and the hash of the message that won its key.
struct StandingFix {
  double latitude = 0;
  double longitude = 0;
  MaybeMeters altitude;
  MaybeMeters accuracy;
  ServerTime received_at{};
  std::int64_t status = 0;
  ContentHash hash = 0;

  friend bool operator==(const StandingFix&, const StandingFix&) = default;
};
struct StandingSample {
  std::int64_t activity = 0;
  std::int64_t steps = 0;
  ServerTime received_at{};
  std::int64_t status = 0;
  ContentHash hash = 0;

  friend bool operator==(const StandingSample&, const StandingSample&) = default;
};

/// What is older was dropped or detached by policy, if anything was.
struct KeptSince {
  ServerTime messages = server_time(std::numeric_limits<std::int64_t>::min());
  DeviceTime fixes = device_time(std::numeric_limits<std::int32_t>::min());  // and samples

  bool all_messages() const { return messages == KeptSince().messages; }
  bool all_fixes() const { return fixes == KeptSince().fixes; }
};

/// One device at one moment, whatever is written meanwhile. Calls block; one thread.
class DeviceSnapshot {
 public:
  virtual ~DeviceSnapshot() = default;

  /// Those after `after`, in the order of arrival, at most `limit`, perhaps fewer. None: there are no more.
  virtual Result<std::vector<StoredMessage>> messages(MessageCursor after, std::size_t limit) = 0;
  virtual Result<std::optional<StandingFix>> fix(DeviceTime timestamp) = 0;
  virtual Result<std::optional<StandingSample>> sample(DeviceTime timestamp) = 0;
  /// Of all fixes, or samples, since then, which a message since then told.
  virtual Result<void> each_fix_time(const KeptSince& since, const std::function<void(DeviceTime)>& take) = 0;
  virtual Result<void> each_sample_time(const KeptSince& since, const std::function<void(DeviceTime)>& take) = 0;
  /// Those of it that nobody has fanned out yet, in device time. Errc::corrupt when a row holds what no event can.
  virtual Result<std::vector<StatusChange>> status_changes() = 0;
  /// Errc::corrupt when its row holds what no state can.
  virtual Result<CurrentState> state() = 0;
};

/// Never holds up a writer. One snapshot at a time.
class AuditStore {
 public:
  virtual ~AuditStore() = default;

  /// What the product itself finds damaged in the structure of the database; nothing when it is sound. Reads all of it.
  virtual Result<std::vector<std::string>> faults() = 0;

  /// The device with the least number above `after` of which anything is stored; none at the end.
  virtual Result<std::optional<AuditedDevice>> next_device(std::int64_t after) = 0;
  virtual Result<KeptSince> kept_since() = 0;
  virtual Result<std::unique_ptr<DeviceSnapshot>> snapshot(DeviceNumber device) = 0;

  /// Of the days of `range` that have messages, in their order. Reads all of them.
  virtual Result<std::vector<DayDigest>> digests(DayRange range) = 0;
};

}  // namespace packwalk
