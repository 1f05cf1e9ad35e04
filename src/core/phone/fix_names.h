// How clients call what tells a fix: the names of the OsmAnd protocol, and those that other apps have for the same.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace packwalk {

/// What tells a fix, in the order in which decoders keep it.
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

/// What one of `other_fix_names` says.
std::optional<FixPart> other_fix_part(std::string_view small_name);

/// Whether it is that of a latitude or a longitude.
bool names_a_position(std::string_view small_name);

/// Whether apps say something with that name beside a position: of the phone, its movement, or where it may be.
bool is_known_beside_a_position(std::string_view small_name);

}  // namespace packwalk
