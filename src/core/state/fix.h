// Accepted packets: a fix is a track packet, a sample an activity packet.
#pragma once

#include "base/ids.h"
#include "core/packet/message.h"

namespace packwalk {

/// A point in space and time.
struct Fix {
  LatLon position;
  MaybeMeters altitude;
  MaybeMeters accuracy;
  DeviceTime timestamp{};
  ServerTime received_at{};
  std::uint8_t status = 0;

  friend bool operator==(const Fix&, const Fix&) = default;
};

/// A fix, as in answers.
struct MarkedFix {
  Fix fix;
  bool is_outlier = false;  // docs/analysis.md

  friend bool operator==(const MarkedFix&, const MarkedFix&) = default;
};

/// The activity of a device since its previous sample.
struct Sample {
  DeviceTime timestamp{};
  ServerTime received_at{};
  std::int32_t steps = 0;
  Activity activity = Activity::sleep;
  std::uint8_t status = 0;

  friend bool operator==(const Sample&, const Sample&) = default;
};

/// The last position of a device.
struct DevicePosition {
  DeviceNumber device;
  Fix fix;

  friend bool operator==(const DevicePosition&, const DevicePosition&) = default;
};

inline Fix fix_from(const TrackPacket& packet, ServerTime received_at) {
  return {packet.position, packet.altitude, packet.accuracy, packet.timestamp, received_at, packet.status};
}
inline Sample sample_from(const ActivityPacket& packet, ServerTime received_at) {
  return {packet.timestamp, received_at, packet.steps, packet.activity, packet.status};
}

}  // namespace packwalk
