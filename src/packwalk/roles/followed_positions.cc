#include "packwalk/roles/followed_positions.h"

#include <new>

#include "packwalk/installation/log.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds untold_interval{5};  // without a feed, all positions are read again at this interval

}  // namespace

Result<void> FollowedPositions::catch_up(bool is_told) {
  const auto now = std::chrono::steady_clock::now();
  if (!missed_ && (is_told || now - read_at_ <= untold_interval)) return {};
  missed_ = false;  // set before the read, so that positions missed meanwhile are read the next time
  read_at_ = now;
  auto done = read();
  if (!done && done.error().code == Errc::corrupt) {
    name_impossible(done.error().detail);  // all others were read
    return {};
  }
  if (!done) missed_ = true;
  return done;
}

Result<void> FollowedPositions::read() {
  try {
    return positions_.fill_from(store_);
  } catch (const std::bad_alloc&) {
    return fail(Errc::unavailable, "Out of memory for the last positions.");
  }
}

/// Logs each row once.
void FollowedPositions::name_impossible(const std::string& detail) {
  if (detail != named_impossible_) log_error("impossible_row", {{"error", detail}});
  named_impossible_ = detail;
}

void FollowedPositions::hear(std::span<const DevicePosition> positions) {
  try {
    positions_.publish(positions);
  } catch (const std::bad_alloc&) {
    missed_ = true;
  }
}

}  // namespace packwalk
