#include "core/track/track_fold.h"

#include <algorithm>

namespace packwalk {
namespace {

double wrapped(double longitude) {
  while (longitude > 180) longitude -= 360;
  while (longitude < -180) longitude += 360;
  return longitude;
}

}  // namespace

void TrackFold::add(const PathFix& fix) {
  odometer_.add(ecef_from(fix.position), accuracy_of(fix, rules_), fix.timestamp);
  widen(fix.position);
  if (state_.fixes++ == 0) state_.from = fix.timestamp;
  state_.to = fix.timestamp;
}

void TrackFold::widen(const LatLon& position) {
  if (state_.fixes == 0) {
    state_.south = state_.north = position.latitude();
    state_.west = state_.east = state_.last_longitude = position.longitude();
    return;
  }
  state_.south = std::min(state_.south, position.latitude());
  state_.north = std::max(state_.north, position.latitude());
  const double longitude = position.longitude();
  // The short way: on over the antimeridian and not back around the earth.
  if (longitude - state_.last_longitude > 180) state_.turns -= 1;
  if (longitude - state_.last_longitude < -180) state_.turns += 1;
  state_.last_longitude = longitude;
  state_.west = std::min(state_.west, longitude + 360 * state_.turns);
  state_.east = std::max(state_.east, longitude + 360 * state_.turns);
}

TrackState TrackFold::state() const {
  TrackState state = state_;
  state.odometer = odometer_.state();
  return state;
}

Track TrackFold::track() const {
  const bool around = state_.east - state_.west >= 360;
  return {.from = state_.from,
          .to = state_.to,
          .fixes = state_.fixes,
          .length_m = odometer_.length_m(),
          .moving = odometer_.moving(),
          .box = GeoBox::from_degrees(around ? -180 : wrapped(state_.west), state_.south,
                                      around ? 180 : wrapped(state_.east), state_.north)
                     .value()};
}

}  // namespace packwalk
