#include "packwalk/roles/clock_watch.h"

namespace packwalk {

std::optional<std::chrono::microseconds> ClockWatch::jump(ServerTime now, Steady steady) {
  using std::chrono::microseconds;
  const microseconds offset = now.time_since_epoch() - std::chrono::floor<microseconds>(steady.time_since_epoch());
  const microseconds moved = offset - offset_.value_or(offset);
  offset_ = offset;
  if (moved <= std::chrono::seconds(1) && moved >= std::chrono::seconds(-1)) return std::nullopt;
  if (moved >= doubtful_jump) doubtful_until_ = steady + doubtful_for;
  if (moved <= -doubtful_jump) doubtful_until_.reset();  // the clock was corrected
  return moved;
}

}  // namespace packwalk
