// Contacts of two devices, and the walks they take together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "core/walk/near.h"

namespace packwalk {

/// Two devices were near each other, with no hole over `contact_hole` between two near seconds.
struct Contact {
  Second from = 0;  // the first near second, and the last
  Second to = 0;
  std::int64_t near_seconds = 0;

  friend bool operator==(const Contact&, const Contact&) = default;
};

/// From the runs of near seconds of one pair, in the order of time; two may adjoin, but not overlap. O(runs).
std::vector<Contact> contacts_of(std::span<const Seconds> runs, const WalkRules& rules);

/// Contacts of one pair that together make a walk.
struct JointWalk {
  Second from = 0;                    // of the first contact
  Second to = 0;                      // of the last
  std::int64_t seconds_together = 0;  // of its contacts, both ends of each included: no fewer than near_seconds
  std::int64_t near_seconds = 0;
  std::int64_t contacts = 0;
  double min_distance_m = 0;  // distance, over its near seconds
  double mean_distance_m = 0;
  double length_a_m = 0;  // of each device, over its fixes between from and to
  double length_b_m = 0;
  LatLon start_position;  // of the two points, at the first and at the last second
  LatLon end_position;

  friend bool operator==(const JointWalk&, const JointWalk&) = default;
};

/// The paths of a pair, and the runs of seconds in which they are near each other.
struct PairOfPaths {
  std::span<const PathPoint> a;
  std::span<const PathPoint> b;
  std::span<const Seconds> runs;
};

/// The joint walks of one pair.
///
/// A chain of contacts in which each begins at most `walk_pause` after the one before ended is a joint walk when its
/// contacts last at least `walk_min` together, `walk_near_percent` of that time or more is near, and each device moved:
/// in `walk_reach_percent` of the near seconds or more it is at least `walk_reach_m` from where it was at the first
/// one. `contacts` are those of the runs.
/// O(contacts * log runs + near seconds of those that may be walks).
std::vector<JointWalk> joint_walks_of(const PairOfPaths& pair, std::span<const Contact> contacts,
                                      const TrackRules& tracks, const WalkRules& walks);

}  // namespace packwalk
