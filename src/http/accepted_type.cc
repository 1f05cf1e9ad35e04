#include "http/accepted_type.h"

#include <cstddef>

#include "http/headers.h"
#include "http/weighted_list.h"

namespace packwalk {
namespace {

/// How exactly a range of Accept names `type`: 3 for the type itself, 1 for any type; 0 if it does not.
int exactness(std::string_view range, std::string_view type) {
  if (equal_ignoring_case(range, type)) return 3;
  if (range == "*/*") return 1;
  const std::string_view family = type.substr(0, type.find('/') + 1);
  const bool is_family = range.ends_with("/*") && equal_ignoring_case(range.substr(0, range.size() - 1), family);
  return is_family ? 2 : 0;
}

struct Match {
  int exactness = 0;
  int weight = 0;
  std::size_t position = 0;  // in Accept

  bool is_better_than(const Match& other) const {
    return weight > other.weight || (weight > 0 && weight == other.weight && position < other.position);
  }
};

/// The range that names `type` most exactly.
Match match_of(std::string_view accept, std::string_view type) {
  Match found;
  for (std::size_t position = 0; !accept.empty(); ++position) {
    const WeightedEntry entry = take_weighted(accept);
    const int exact = exactness(entry.name, type);
    if (exact > found.exactness) found = {exact, entry.weight, position};
  }
  return found;
}

}  // namespace

std::string_view accepted_type(std::string_view accept, std::span<const std::string_view> offered) {
  std::string_view best = offered.front();
  Match of_best = match_of(accept, best);
  for (const std::string_view each : offered.subspan(1)) {
    const Match match = match_of(accept, each);
    if (!match.is_better_than(of_best)) continue;
    of_best = match;
    best = each;
  }
  return best;
}

}  // namespace packwalk
