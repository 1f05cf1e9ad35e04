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

/// Of `known` the one that is nearest to a `word` that a person typed, the first of equals. Nothing when none is near:
/// a third of the word's letters may be wrong, or one. Words of more than some hundred letters are near to nothing.
std::optional<std::string> nearest_to(std::string_view word, std::span<const std::string> known);

/// "; did you mean device?" for an error; "" without a word to suggest.
std::string suggestion(const std::optional<std::string>& nearest);

}  // namespace packwalk
