// What a collar reports (docs/formats.md): a track packet or an activity packet, and what makes one valid.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/units.h"
#include "core/geo/lat_lon.h"

namespace packwalk {

/// The kinds of packet as far as keys go: the wide and the plain track packet are one family. The numbers, from 1 on,
/// are stored.
enum class Family : std::uint8_t { track = 1, activity = 2 };
inline constexpr std::array families = {Family::track, Family::activity};
static_assert(static_cast<std::size_t>(families.back()) == families.size());

std::string_view name_of(Family family);

enum class Activity : std::uint8_t { sleep = 0, walk = 1, gallop = 3, trot = 6, steps_not_measured = 255 };

std::optional<Activity> activity_from_number(double number);
std::optional<Activity> activity_from_name(std::string_view name);
std::string_view name_of(Activity activity);

struct TrackPacket {
  static constexpr Family family = Family::track;

  std::uint8_t status = 0;
  DeviceTime timestamp{};
  LatLon position;
  MaybeMeters altitude;
  MaybeMeters accuracy;  // radius of 68 %; 0 says no more than a missing one
  /// That `timestamp` is later than was sent, as a receiver of GPS had lost them: no part of what the packet says.
  std::uint16_t weeks_added = 0;

  friend bool operator==(const TrackPacket& a, const TrackPacket& b) {
    return a.status == b.status && a.timestamp == b.timestamp && a.position == b.position && a.altitude == b.altitude &&
           a.accuracy == b.accuracy;
  }
};

struct ActivityPacket {
  static constexpr Family family = Family::activity;

  std::uint8_t status = 0;
  DeviceTime timestamp{};
  Activity activity = Activity::sleep;
  std::int32_t steps = 0;  // since the previous activity packet

  friend bool operator==(const ActivityPacket&, const ActivityPacket&) = default;
};

/// Why a packet is not valid: the field at fault ("" for the whole packet) and a reason that reads on after its name.
struct Flaw {
  std::string field;
  std::string reason;

  friend bool operator==(const Flaw&, const Flaw&) = default;
};

/// How the reasons of a timestamp that is not believed begin.
inline constexpr std::string_view reason_too_early = "is before ";  // and the key that says so
inline constexpr std::string_view reason_in_future = "is in the future";

/// What is said of a packet with `weeks_added`, behind their number.
inline constexpr std::string_view reason_weeks_added = " weeks were added to its time, which its receiver had lost";

/// A message of a known client that holds no packet and is no fault: a heartbeat, say. It only moves "last seen".
struct Heartbeat {
  std::string reason;

  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

/// What one message says.
using Content = std::variant<TrackPacket, ActivityPacket, Flaw, Heartbeat>;

/// The parts of Content that are packets. Who does something with each packet visits, so that a new kind which he does
/// not know does not compile.
template <class Part>
concept AnyPacket = requires {
  Part::family;
};

/// The family of the packet; nothing where there is none.
std::optional<Family> family_of(const Content& content);

/// The device times that are believed, both ends included.
struct TimeWindow {
  DeviceTime earliest;
  DeviceTime latest;
  std::string_view earliest_key = "packets.earliest";  // of the configuration, that decides `earliest`
};

/// Numbers as they came, before anyone believed them. Seconds may have a fraction: it is cut off.
struct RawTrack {
  double status = 0;
  double seconds = 0;
  double latitude = 0;
  double longitude = 0;
  MaybeMeters altitude;  // not finite counts as unknown
  MaybeMeters accuracy;  // so does negative
};
struct RawActivity {
  double status = 0;
  double seconds = 0;
  std::optional<Activity> activity;
  double steps = 0;
};

/// A TrackPacket or a Flaw: finite, in range, not exactly (0, 0), within `believed`.
Content checked(const RawTrack& raw, const TimeWindow& believed);
/// An ActivityPacket or a Flaw.
Content checked(const RawActivity& raw, const TimeWindow& believed);

}  // namespace packwalk
