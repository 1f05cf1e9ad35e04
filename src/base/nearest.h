// Suggests the known word that a user probably meant.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace packwalk {

/// The number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal string
/// alignment distance). O(a * b).
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The word of `known` that is most similar to the typed `word`; the first one if several are. Empty if none is
/// similar: a third of the letters may be wrong, or one. Very long words are similar to none.
std::optional<std::string> nearest_to(std::string_view word, std::span<const std::string> known);

/// "; did you mean device?" for an error; "" without a word to suggest.
std::string suggestion(const std::optional<std::string>& nearest);

}  // namespace packwalk
