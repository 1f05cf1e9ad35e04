// Port: the time of day. The core never reads it; the edges pass it in.
#pragma once

#include "base/units.h"

namespace packwalk {

class Clock {
 public:
  virtual ~Clock() = default;

  /// The current time, for ages and limits. It may go back, because the machine's clock may be set. Thread-safe.
  virtual ServerTime now() = 0;

  /// A timestamp for an arrival. Unique per clock, unless the machine's clock was set back: timestamps follow it
  /// immediately, so stores keyed by them must expect duplicates. Thread-safe.
  virtual ServerTime stamp() = 0;
};

}  // namespace packwalk
