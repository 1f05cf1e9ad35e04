// The seconds that must be recomputed when packets of a device arrive.
#pragma once

#include <algorithm>
#include <span>

#include "core/track/outlier.h"
#include "core/walk/joint_walk.h"

namespace packwalk {

/// The smallest seconds that hold both.
inline Seconds hull(Seconds a, Seconds b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  return {std::min(a.from, b.from), std::max(a.to, b.to)};
}

inline Seconds widened(Seconds seconds, std::chrono::seconds by) {
  return {seconds.from - by.count(), seconds.to + by.count()};
}

inline bool touch(Seconds a, Seconds b) { return a.from <= b.to && b.from <= a.to; }

/// The seconds in which a device's fixes without outliers may be others when packets of `packets` come: a fix makes and
/// unmakes outliers of itself and its two neighbours, which are neighbours only within `bridge`.
inline Seconds fixes_changed_by(Seconds packets, const OutlierRules& rules) { return widened(packets, rules.bridge); }

/// The seconds at which a device may be elsewhere when fixes or sleeps of `changed` come or go: one of them changes
/// where it is between its neighbours, and they are neighbours only within `bridge`.
inline Seconds moved_by(Seconds changed, const WalkRules& rules) { return widened(changed, rules.bridge); }

/// How far apart two contacts may be and still have to do with each other.
inline std::chrono::seconds chain_reach(const WalkRules& rules) {
  return std::max(rules.walk_pause, rules.contact_hole);
}

/// The seconds in which a pair's contacts and joint walks must be recomputed when its near seconds change within
/// `changed`: there, and as far as its chains of contacts extend.
///
/// contacts  those of the pair as they stand, in the order of time
///
/// Everything outside is further than chain_reach() from the result, so it is independent: the rows of the near seconds
/// inside replace all stored rows inside. O(contacts).
Seconds chains_around(Seconds changed, std::span<const Contact> contacts, const WalkRules& rules);

}  // namespace packwalk
