#include "base/finding.h"

#include <chrono>

namespace packwalk {

void Findings::compare_clocks(ServerTime before, ServerTime theirs, ServerTime after) {
  constexpr std::chrono::seconds bearable{60};
  const bool behind = theirs < before;
  if (!behind && theirs <= after) return;
  const auto apart = std::chrono::floor<std::chrono::seconds>(behind ? before - theirs : theirs - after);
  if (apart <= bearable) return;
  fault("its clock is " + std::to_string(apart.count()) + " s " + (behind ? "behind" : "ahead of") +
            " the clock of this machine",
        "synchronise all machines by NTP (chrony), and check which of the two is wrong");
}

}  // namespace packwalk
