// The current state of a device, ordered by device time and never by arrival.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "core/state/fix.h"

namespace packwalk {

/// The status byte, and the accepted packet that it comes from.
struct StatusReading {
  std::uint8_t status = 0;
  DeviceTime timestamp{};
  Family family = Family::activity;

  friend bool operator==(const StatusReading&, const StatusReading&) = default;
};

/// Counts of a device's messages by verdict; the accepted ones by family.
struct MessageCounts {
  std::int64_t fixes = 0;
  std::int64_t samples = 0;
  std::int64_t duplicates = 0;
  std::int64_t conflicts = 0;
  std::int64_t invalid = 0;

  std::int64_t accepted() const { return fixes + samples; }

  friend bool operator==(const MessageCounts&, const MessageCounts&) = default;
};

struct CurrentState {
  DeviceNumber device;
  std::optional<Fix> last_fix;          // the accepted fix with the greatest timestamp
  std::optional<StatusReading> status;  // of the accepted packet with the greatest timestamp; a track packet wins a tie
  std::optional<ServerTime> last_seen;  // when the latest packet that is valid, or heartbeat, arrived
  MessageCounts counts;

  friend bool operator==(const CurrentState&, const CurrentState&) = default;
};

/// The state after one more message. The order of messages does not matter.
void step(CurrentState& state, const Message& message, Verdict verdict);

/// A change of a device's status, of which its owner gets one notification.
struct StatusChange {
  DeviceNumber device;
  DeviceTime timestamp{};
  std::uint8_t from = 0;
  std::uint8_t to = 0;
  ServerTime received_at{};  // of the packet that told it; no part of the key

  friend bool operator==(const StatusChange&, const StatusChange&) = default;
};

/// The changes by accepted messages of one device that are committed together, in device time. Messages older than the
/// status in `before` cause no change, a device's first status is no change, and of two packets of one second only the
/// track packet counts. Each change begins with the status at which the previous one ended, so no change is repeated.
/// O(n log n).
std::vector<StatusChange> status_changes(const CurrentState& before, std::span<const Message> accepted);

/// A range of a device's time whose derived rows (tracks, activity, walks) must be recomputed: a quarter of an hour of
/// UTC, so that marking is idempotent.
struct StaleWindow {
  DeviceNumber device;
  DeviceTime from{};

  friend auto operator<=>(const StaleWindow&, const StaleWindow&) = default;
};
inline constexpr std::chrono::seconds stale_window_length{900};

/// The window that an accepted packet makes stale.
StaleWindow stale_window_of(const PacketKey& key);

}  // namespace packwalk
