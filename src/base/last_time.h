// The time of the last occurrence of something, for threads that must not block.
#pragma once

#include <atomic>
#include <chrono>

namespace packwalk {

/// An answer of a server that is older than this no longer proves that it works.
inline constexpr std::chrono::seconds silence_max{10};

/// Thread-safe, never blocks.
class LastTime {
 public:
  using Clock = std::chrono::steady_clock;

  void note() { at_ = Clock::now(); }
  void forget() { at_ = Clock::time_point::min(); }
  /// False also if it never happened.
  bool is_within(Clock::duration longest) const {
    const Clock::time_point at = at_;
    return at != Clock::time_point::min() && Clock::now() - at <= longest;
  }
  /// Whether it happened, but longer ago than this.
  bool is_older_than(Clock::duration longest) const {
    const Clock::time_point at = at_;
    return at != Clock::time_point::min() && Clock::now() - at > longest;
  }

 private:
  std::atomic<Clock::time_point> at_ = Clock::time_point::min();
};

}  // namespace packwalk
