// The rules by which dogs are near each other and walk together.
#pragma once

#include <chrono>

#include "core/track/track.h"

namespace packwalk {

struct WalkRules {
  std::chrono::seconds bridge{90};        // between two fixes of a track, at most, a device moves on the chord
  double near_m = 6;                      // without the allowance for accuracies
  double allowance_max_m = 10;            // 0: none
  std::chrono::seconds contact_hole{30};  // from one near second to the next one of the same contact, at most
  std::chrono::seconds walk_pause{600};   // from the end of a contact to the next one of the same walk, at most
  std::chrono::seconds walk_min{600};     // that the contacts of a walk last together
  std::int64_t walk_near_percent = 50;    // of this time, in which they are near, at least
  double walk_reach_m = 30;               // how far from its first point a device that walks comes ..
  std::int64_t walk_reach_percent = 10;   // .. in so many of the near seconds

  /// For dogs that stray from each other and come back.
  static WalkRules off_leash() {
    WalkRules rules;
    rules.near_m = 10;
    rules.allowance_max_m = 5;
    rules.contact_hole = std::chrono::seconds(90);
    rules.walk_near_percent = 0;
    return rules;
  }
};

}  // namespace packwalk
