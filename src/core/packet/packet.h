// The packets of a collar (docs/formats.md): track packets and activity packets, and their validation.
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

/// The kinds of packets for keys: wide and plain track packets are one family. The numbers, from 1 on, are stored.
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
  MaybeMeters accuracy;  // radius of 68 %; 0 means unknown
  /// Weeks that were added to the sent time, because a GPS receiver had lost them. Not part of the packet's content.
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

/// Why a packet is not valid: the field at fault ("" for the whole packet) and a reason, to be read after the field's
/// name.
struct Flaw {
  std::string field;
  std::string reason;

  friend bool operator==(const Flaw&, const Flaw&) = default;
};

/// The beginnings of the reasons for a timestamp out of range.
inline constexpr std::string_view reason_too_early = "is before ";  // followed by the key of the configuration
inline constexpr std::string_view reason_in_future = "is in the future";

/// The reason of a packet with `weeks_added`, after the number.
inline constexpr std::string_view reason_weeks_added = " weeks were added to its time, which its receiver had lost";

/// A valid message without a packet, such as a heartbeat. It only updates "last seen".
struct Heartbeat {
  std::string reason;

  friend bool operator==(const Heartbeat&, const Heartbeat&) = default;
};

/// The content of one message.
using Content = std::variant<TrackPacket, ActivityPacket, Flaw, Heartbeat>;

/// The parts of Content that are packets. Code that handles every kind of packet uses std::visit, so a new kind breaks
/// the build wherever it is not handled.
template <class Part>
concept AnyPacket = requires {
  Part::family;
};

/// The family of the packet; empty without a packet.
std::optional<Family> family_of(const Content& content);
inline bool is_packet(const Content& content) { return family_of(content).has_value(); }

/// The valid device times, both ends included.
struct TimeWindow {
  DeviceTime earliest;
  DeviceTime latest;
  std::string_view earliest_key = "packets.earliest";  // the key of the configuration that determines `earliest`
};

/// Numbers before their validation. A fraction of seconds is cut off.
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
