// Port: the time of day. The core never asks; the edges tell it.
#pragma once

#include "base/units.h"

namespace packwalk {

class Clock {
 public:
  virtual ~Clock() = default;

  /// Thread-safe. Strictly greater than any time that this clock told before.
  virtual ServerTime now() = 0;
};

}  // namespace packwalk
