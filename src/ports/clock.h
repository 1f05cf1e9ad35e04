// Port: the time of day. The core never asks; the edges tell it.
#pragma once

#include "base/units.h"

namespace packwalk {

class Clock {
 public:
  virtual ~Clock() = default;

  /// What the time is: for ages, limits and what counts as lately. It may go back, as the machine's clock may be set.
  /// Thread-safe.
  virtual ServerTime now() = 0;

  /// A time for something that arrives. No two of this clock are alike, unless the machine's clock was set back: then
  /// they follow it at once, and who keeps things by their time must expect one twice. Thread-safe.
  virtual ServerTime stamp() = 0;
};

}  // namespace packwalk
