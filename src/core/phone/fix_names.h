// The names of a fix's fields: those of the OsmAnd protocol, and those of other apps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace packwalk {

/// The fields of a fix, in the order of the decoders.
enum class FixPart : std::uint8_t { timestamp, latitude, longitude, altitude, accuracy };
inline constexpr std::size_t fix_part_count = 5;

struct FixName {
  std::string_view name;  // in small letters
  FixPart part{};
};
/// The protocol's own.
inline constexpr std::array<FixName, fix_part_count> own_fix_names = {{{"timestamp", FixPart::timestamp},
                                                                       {"lat", FixPart::latitude},
                                                                       {"lon", FixPart::longitude},
                                                                       {"altitude", FixPart::altitude},
                                                                       {"accuracy", FixPart::accuracy}}};
/// Of GPSLogger's templates (`time`, `long`, `alt`, `acc`), OwnTracks (`tst`), and scripts.
inline constexpr std::array<FixName, 10> other_fix_names = {{{"latitude", FixPart::latitude},
                                                             {"longitude", FixPart::longitude},
                                                             {"lng", FixPart::longitude},
                                                             {"long", FixPart::longitude},
                                                             {"time", FixPart::timestamp},
                                                             {"tst", FixPart::timestamp},
                                                             {"alt", FixPart::altitude},
                                                             {"ele", FixPart::altitude},
                                                             {"elevation", FixPart::altitude},
                                                             {"acc", FixPart::accuracy}}};

/// The field of one of `other_fix_names`.
std::optional<FixPart> other_fix_part(std::string_view small_name);

/// Whether it is the name of a latitude or a longitude.
bool names_a_position(std::string_view small_name);

/// Whether apps use that name beside a position: for facts of the phone, its movement, or another location.
bool is_known_beside_a_position(std::string_view small_name);

}  // namespace packwalk
