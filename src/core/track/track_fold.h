// A track as a fold of its fixes: the state after some fixes is a value from which the fold can continue later.
#pragma once

#include "core/track/odometer.h"
#include "core/track/track.h"

namespace packwalk {

/// The state of the fold. Two folds with equal states give equal tracks, bit by bit, for the same further fixes.
struct TrackState {
  DeviceTime from{};  // of the first fix, and of the last
  DeviceTime to{};
  std::int64_t fixes = 0;
  OdometerState odometer;
  double south = 0;
  double north = 0;
  double west = 0;  // not wrapped: they continue beyond 180
  double east = 0;
  double last_longitude = 0;
  double turns = 0;

  friend bool operator==(const TrackState&, const TrackState&) = default;
};

class TrackFold {
 public:
  /// Continues from `state`.
  explicit TrackFold(const TrackRules& rules, const TrackState& state = {})
      : rules_(rules), state_(state), odometer_(rules, state.odometer) {}

  /// The next fix of the track.
  void add(const PathFix& fix);

  TrackState state() const;
  std::int64_t fixes() const { return state_.fixes; }
  DeviceTime from() const { return state_.from; }
  DeviceTime to() const { return state_.to; }
  /// Of at least one fix. The box is the narrowest along the path.
  Track track() const;

 private:
  void widen(const LatLon& position);

  const TrackRules& rules_;
  TrackState state_;  // but for the odometer's
  Odometer odometer_;
};

}  // namespace packwalk
