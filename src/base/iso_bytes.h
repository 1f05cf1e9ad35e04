// Times in ISO 8601, written where the caller has room for them: the one form in which Packwalk tells a time.
#pragma once

#include <cstddef>

#include "base/units.h"

namespace packwalk {

/// Room that suffices for any time.
inline constexpr std::size_t iso_bytes_max = 32;

/// 2026-01-01T10:00:00Z of a device, 2026-01-01T10:00:00.000000Z of the server. Each returns the end of what it wrote
/// at `to`.
char* put_iso(char* to, DeviceTime time);
char* put_iso(char* to, ServerTime time);

}  // namespace packwalk
