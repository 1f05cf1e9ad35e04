// Something of two devices.
#pragma once

#include "base/ids.h"

namespace packwalk {

/// `a` has the lower id, in the order of bytes.
template <class Thing>
struct OfPair {
  DeviceNumber a;
  DeviceNumber b;
  Thing of;

  friend bool operator==(const OfPair&, const OfPair&) = default;
};

}  // namespace packwalk
