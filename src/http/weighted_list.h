// The entries of a header such as Accept, with their weights. Pure.
#pragma once

#include <string_view>

namespace packwalk {

/// An entry of a list with weights (RFC 9110, section 12.4.2).
struct WeightedEntry {
  std::string_view name;  // without blanks at its ends and without parameters
  int weight = 1000;      // 0 (not acceptable) to 1000
};

/// Removes the first entry from `list`, which must not be empty. A malformed weight counts as 1000.
WeightedEntry take_weighted(std::string_view& list);

}  // namespace packwalk
