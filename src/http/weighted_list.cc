#include "http/weighted_list.h"

#include <algorithm>

#include "base/text.h"
#include "http/headers.h"

namespace packwalk {
namespace {

int weight_of(std::string_view parameters) {
  constexpr int greatest = 1000;
  while (!parameters.empty()) {
    const std::string_view whole = parameters.substr(0, parameters.find(';'));
    parameters.remove_prefix(std::min(whole.size() + 1, parameters.size()));
    const std::string_view parameter = trimmed(whole);
    if (parameter.size() < 2 || !equal_ignoring_case(parameter.substr(0, 2), "q=")) continue;
    const auto weight = number_from<double>(parameter.substr(2));
    return weight && *weight >= 0 && *weight <= 1 ? static_cast<int>(*weight * greatest + 0.5) : greatest;
  }
  return greatest;
}

}  // namespace

WeightedEntry take_weighted(std::string_view& list) {
  const std::string_view entry = list.substr(0, list.find(','));
  list.remove_prefix(std::min(entry.size() + 1, list.size()));
  const std::size_t semicolon = std::min(entry.find(';'), entry.size());
  return {.name = trimmed(entry.substr(0, semicolon)),
          .weight = weight_of(entry.substr(std::min(semicolon + 1, entry.size())))};
}

}  // namespace packwalk
