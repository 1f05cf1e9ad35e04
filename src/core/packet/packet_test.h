// For tests of decoders.
#pragma once

#include "core/packet/decoded_body.h"

namespace packwalk {

inline const DecodeRules rules{{device_time(1'420'070'400), device_time(1'800'000'000)}, 1000};

}  // namespace packwalk
