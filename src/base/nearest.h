// The known word that somebody probably meant.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace packwalk {

/// How many letters must be inserted, deleted, replaced or swapped with their neighbour to make `b` of `a` (optimal
/// string alignment distance). O(a * b).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// Of `known` the one that is nearest to `word`, the first of equals; nothing when none is within `distance_max`. Words
/// of more than some hundred letters are near to nothing.
std::optional<std::string> nearest_to(std::string_view word, std::span<const std::string> known,
                                      std::size_t distance_max);

/// For a word that a person typed: about a third of its letters may be wrong.
std::optional<std::string> nearest_to(std::string_view word, std::span<const std::string> known);

}  // namespace packwalk
