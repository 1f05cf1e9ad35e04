// The limits of a thread's work: its deadline, and whether its caller still waits. Set by code that runs work for a
// caller; asked by all that can last, loops and drivers of databases, however deep they are called.
#pragma once

#include <chrono>
#include <stop_token>

#include "base/result.h"

namespace packwalk {

struct WorkLimits {
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::stop_token gone{};  // stop is requested when nobody waits any more
};

/// Why work ended before it was done.
enum class WorkEnd { none, gone, late };

/// As long as it lives, `limits` count for what its thread does; within others the earlier deadline counts.
class LimitedWork {
 public:
  explicit LimitedWork(WorkLimits limits);
  LimitedWork(const LimitedWork&) = delete;
  LimitedWork& operator=(const LimitedWork&) = delete;
  ~LimitedWork();

  const WorkLimits& limits() const { return limits_; }
  /// Looks at the clock.
  bool must_end();
  /// What must_end() has found so far: what was made after it is not whole.
  WorkEnd ended() const { return ended_; }

 private:
  WorkLimits limits_;
  WorkEnd ended_ = WorkEnd::none;
  LimitedWork* outer_;
};

/// The limits of the calling thread; nothing ever ends work that has none.
const WorkLimits& work_limits();

/// Whether the calling thread is to give up what it does. Some 30 ns.
bool work_must_end();

/// Asks that once in a while, in loops whose turns are short.
class Pace {
 public:
  bool must_end() { return ++turns_ % turns_between_looks == 0 && work_must_end(); }

 private:
  static constexpr unsigned turns_between_looks = 256;
  unsigned turns_ = 0;
};

/// The error of work that was given up: Errc::unavailable.
Failure work_ended();

}  // namespace packwalk
