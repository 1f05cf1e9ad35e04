#include "core/track/track.h"

namespace packwalk {

double accuracy_of(const PathFix& fix, const TrackRules& rules) {
  const double told = fix.accuracy.value_or(0);
  return told > 0 ? told : rules.accuracy_default_m;
}

}  // namespace packwalk
