// When something last happened, for threads that must not wait to learn it.
#pragma once

#include <atomic>
#include <chrono>

namespace packwalk {

/// Older than this the last sign of a server that we use proves nothing any more.
inline constexpr std::chrono::seconds silence_max{10};

/// Thread-safe, never blocks.
class LastTime {
 public:
  using Clock = std::chrono::steady_clock;

  void note() { at_ = Clock::now(); }
  void forget() { at_ = Clock::time_point::min(); }
  /// False as well when it never happened.
  bool is_within(Clock::duration longest) const {
    const Clock::time_point at = at_;
    return at != Clock::time_point::min() && Clock::now() - at <= longest;
  }
  /// Whether it happened, and longer ago than that.
  bool is_older_than(Clock::duration longest) const {
    const Clock::time_point at = at_;
    return at != Clock::time_point::min() && Clock::now() - at > longest;
  }

 private:
  std::atomic<Clock::time_point> at_ = Clock::time_point::min();
};

}  // namespace packwalk
