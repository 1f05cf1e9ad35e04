// What a recorder says of its own rows.
#pragma once

#include <cstdint>
#include <string_view>

namespace packwalk::replay {

enum class Visibility : std::uint8_t { visible, not_visible, not_told, not_understood };

/// Of Movebank's `visible`, the `VALID` of loggers, and the status of NMEA: words for yes and no, also as German,
/// French and other spreadsheets write them, and numbers: 0 is no, and those above it are yes.
Visibility visibility_from(std::string_view field);

}  // namespace packwalk::replay
