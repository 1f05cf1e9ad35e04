// Things that happen to a device, of which a user may want one notification.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/ids.h"
#include "core/state/current_state.h"

namespace packwalk {

/// In search mode: the newest fix of a commit.
struct SearchFix {
  DeviceNumber device;
  DeviceTime timestamp{};
  LatLon position;
  MaybeMeters accuracy;

  friend bool operator==(const SearchFix&, const SearchFix&) = default;
};

/// A joint walk that is under way, or that was found after its end. `from` is its beginning when it was announced.
struct WalkStarted {
  DeviceNumber device;
  DeviceNumber companion;
  DeviceTime from{};

  friend bool operator==(const WalkStarted&, const WalkStarted&) = default;
};
struct WalkFound {
  DeviceNumber device;
  DeviceNumber companion;
  DeviceTime from{};
  DeviceTime to{};

  friend bool operator==(const WalkFound&, const WalkFound&) = default;
};

/// A live contact of two devices began at `from`.
struct Met {
  DeviceNumber device;
  DeviceNumber companion;
  DeviceTime from{};

  friend bool operator==(const Met&, const Met&) = default;
};

/// The device has sent nothing since `last_seen`, or sends again.
struct Silent {
  DeviceNumber device;
  ServerTime last_seen{};

  friend bool operator==(const Silent&, const Silent&) = default;
};
struct Back {
  DeviceNumber device;
  ServerTime last_seen{};  // before the silence
  ServerTime back_at{};

  friend bool operator==(const Back&, const Back&) = default;
};

struct FenceLeft {
  DeviceNumber device;
  std::int64_t fence = 0;
  DeviceTime timestamp{};

  friend bool operator==(const FenceLeft&, const FenceLeft&) = default;
};
struct FenceEntered {
  DeviceNumber device;
  std::int64_t fence = 0;
  DeviceTime timestamp{};

  friend bool operator==(const FenceEntered&, const FenceEntered&) = default;
};

struct BatteryLow {
  DeviceNumber device;
  DeviceTime timestamp{};
  std::int64_t percent = 0;

  friend bool operator==(const BatteryLow&, const BatteryLow&) = default;
};

/// The totals of a day reached every goal that is set.
struct GoalMet {
  DeviceNumber device;
  DeviceTime day{};  // the midnight of its date, in UTC, whatever the owner's time zone

  friend bool operator==(const GoalMet&, const GoalMet&) = default;
};

using Event = std::variant<StatusChange, SearchFix, WalkStarted, WalkFound, Met, Silent, Back, FenceLeft, FenceEntered,
                           BatteryLow, GoalMet>;

/// The device whose owner is notified. An event of two devices is two events.
DeviceNumber device_of(const Event& event);

/// "status_changed", "walk_started", ..
std::string_view kind_of(const Event& event);

/// When it happened, by the clock of the device; of silence, when the server last heard of it.
DeviceTime time_of(const Event& event);

/// The unique key of an event of a device: its kind and the facts that identify its cause
/// ("status_changed:1770000000:1:2"), ASCII without blanks and full stops.
std::string key(const Event& event);

/// The facts without the device and the kind:
/// {"timestamp":"2026-02-02T02:40:00Z","status_before":1,"status":2,"received_at":"2026-02-02T02:40:00.000007Z"}.
std::string to_json(const Event& event);

/// The reverse of kind_of() and to_json(), also of events that an older version wrote. Errc::corrupt: the kind is
/// unknown, the text is no JSON, or a fact is missing or impossible.
Result<Event> event_from_json(std::string_view kind, DeviceNumber device, std::string_view json);

}  // namespace packwalk
