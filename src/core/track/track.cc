#include "core/track/track.h"

#include <algorithm>

#include "core/geo/ecef.h"
#include "core/track/odometer.h"

namespace packwalk {
namespace {

/// The narrowest box along a path.
class BoxOfPath {
 public:
  void add(const LatLon& place) {
    if (!started_) {
      started_ = true;
      south_ = north_ = place.latitude();
      west_ = east_ = before_ = place.longitude();
      return;
    }
    south_ = std::min(south_, place.latitude());
    north_ = std::max(north_, place.latitude());
    const double longitude = place.longitude();
    // The short way: on over the antimeridian and not back around the earth.
    if (longitude - before_ > 180) turns_ -= 1;
    if (longitude - before_ < -180) turns_ += 1;
    before_ = longitude;
    west_ = std::min(west_, longitude + 360 * turns_);
    east_ = std::max(east_, longitude + 360 * turns_);
  }

  GeoBox box() const {
    const bool around = east_ - west_ >= 360;
    return GeoBox::from_degrees(around ? -180 : wrapped(west_), south_, around ? 180 : wrapped(east_), north_).value();
  }

 private:
  static double wrapped(double longitude) {
    while (longitude > 180) longitude -= 360;
    while (longitude < -180) longitude += 360;
    return longitude;
  }

  bool started_ = false;
  double south_ = 0, north_ = 0;
  double west_ = 0, east_ = 0;  // not wrapped: they go on beyond 180
  double before_ = 0, turns_ = 0;
};

Track track_of(std::span<const PathFix> fixes, const TrackRules& rules) {
  Odometer odometer(rules);
  BoxOfPath box;
  for (const PathFix& fix : fixes) {
    odometer.add(ecef_from(fix.position), accuracy_of(fix, rules), fix.timestamp);
    box.add(fix.position);
  }
  return {.from = fixes.front().timestamp,
          .to = fixes.back().timestamp,
          .fixes = static_cast<std::int64_t>(fixes.size()),
          .length_m = odometer.length_m(),
          .moving = odometer.moving(),
          .box = box.box()};
}

}  // namespace

double accuracy_of(const PathFix& fix, const TrackRules& rules) {
  const double told = fix.accuracy.value_or(0);
  return told > 0 ? told : rules.accuracy_default_m;
}

std::vector<bool> joined_to_next(std::span<const PathFix> fixes, std::span<const DeviceTime> sleeps,
                                 const TrackRules& rules) {
  std::vector<bool> joined(fixes.size());
  std::size_t sleep = 0;
  for (std::size_t i = 0; i + 1 < fixes.size(); ++i) {
    const DeviceTime from = fixes[i].timestamp;
    const DeviceTime to = fixes[i + 1].timestamp;
    while (sleep < sleeps.size() && sleeps[sleep] <= from) ++sleep;
    const bool slept = sleep < sleeps.size() && sleeps[sleep] < to;
    joined[i] = to - from <= rules.gap && !slept;
  }
  return joined;
}

std::vector<Track> tracks_of(std::span<const PathFix> fixes, std::span<const DeviceTime> sleeps,
                             const TrackRules& rules) {
  const std::vector<bool> joined = joined_to_next(fixes, sleeps, rules);
  std::vector<Track> tracks;
  std::size_t first = 0;
  for (std::size_t i = 0; i < fixes.size(); ++i) {
    if (joined[i]) continue;
    tracks.push_back(track_of(fixes.subspan(first, i + 1 - first), rules));
    first = i + 1;
  }
  return tracks;
}

}  // namespace packwalk
