// Port: the raw rows that `packwalk check` reads, without validation. Contract: tests/contract/audit_store_test.cc.
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
  std::string id;  // empty if the registry does not have it
};

/// The row of an accepted packet, and the hash of the message that won its key.
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

/// Older rows may have been dropped or detached by retention.
struct KeptSince {
  ServerTime messages = server_time(std::numeric_limits<std::int64_t>::min());
  DeviceTime fixes = device_time(std::numeric_limits<std::int32_t>::min());  // and samples

  bool all_messages() const { return messages == KeptSince().messages; }
  bool all_fixes() const { return fixes == KeptSince().fixes; }
};

/// One device at one moment, independent of later writes. Calls block; one thread.
class DeviceSnapshot {
 public:
  virtual ~DeviceSnapshot() = default;

  /// Messages after `after`, in the order of arrival, at most `limit`, perhaps fewer. Empty at the end.
  virtual Result<std::vector<StoredMessage>> messages(MessageCursor after, std::size_t limit) = 0;
  virtual Result<std::optional<StandingFix>> fix(DeviceTime timestamp) = 0;
  virtual Result<std::optional<StandingSample>> sample(DeviceTime timestamp) = 0;
  /// Of all fixes, or samples, since then, from messages since then.
  virtual Result<void> each_fix_time(const KeptSince& since, const std::function<void(DeviceTime)>& take) = 0;
  virtual Result<void> each_sample_time(const KeptSince& since, const std::function<void(DeviceTime)>& take) = 0;
  /// Its events that are not fanned out yet, in device time. Errc::corrupt: a row is not a possible event.
  virtual Result<std::vector<StatusChange>> status_changes() = 0;
  /// Errc::corrupt: its row is not a possible state.
  virtual Result<CurrentState> state() = 0;
};

/// Never blocks a writer. One snapshot at a time.
class AuditStore {
 public:
  virtual ~AuditStore() = default;

  /// The damage that the product finds in the structure of the database; empty if it is sound. Reads all of it.
  virtual Result<std::vector<std::string>> faults() = 0;

  /// The device with the least number above `after` that has stored data; empty at the end.
  virtual Result<std::optional<AuditedDevice>> next_device(std::int64_t after) = 0;
  virtual Result<KeptSince> kept_since() = 0;
  virtual Result<std::unique_ptr<DeviceSnapshot>> snapshot(DeviceNumber device) = 0;

  /// Of the days of `range` that have messages, in their order. Reads all of them.
  virtual Result<std::vector<DayDigest>> digests(DayRange range) = 0;
};

}  // namespace packwalk
