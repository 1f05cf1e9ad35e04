// The limits of a thread's work: its deadline, and whether its caller still waits. Set by code that runs work for a
// caller, and checked by all long work: loops and drivers of databases, at any depth of calls.
#pragma once

#include <chrono>
#include <stop_token>

#include "base/result.h"

namespace packwalk {

struct WorkLimits {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::stop_token gone{};  // stop is requested when the caller is gone
};

/// The reason why work was cancelled.
enum class WorkEnd { none, gone, late };

/// While it lives, `limits` apply to its thread; if nested, the earlier deadline applies.
class LimitedWork {
 public:
  explicit LimitedWork(WorkLimits limits);
  LimitedWork(const LimitedWork&) = delete;
  LimitedWork& operator=(const LimitedWork&) = delete;
  ~LimitedWork();

  const WorkLimits& limits() const { return limits_; }
  /// Reads the clock.
  bool must_end();
  /// The result of must_end() so far: later results are not complete.
  WorkEnd ended() const { return ended_; }

 private:
  WorkLimits limits_;
  WorkEnd ended_ = WorkEnd::none;
  LimitedWork* outer_;
};

/// The limits of the calling thread, if it has some.
const WorkLimits& work_limits();

/// Whether the calling thread must cancel its work. Takes about 30 ns.
bool work_must_end();

/// Checks that once in a while, for loops with short turns.
class Pace {
 public:
  bool must_end() { return ++turns_ % turns_between_looks == 0 && work_must_end(); }

 private:
  static constexpr unsigned turns_between_looks = 256;
  unsigned turns_ = 0;
};

/// The error of cancelled work: Errc::unavailable.
Failure work_ended();

}  // namespace packwalk
