#include "core/walk/presence.h"

#include <algorithm>

namespace packwalk {

std::vector<Seconds> presence_of(std::span<const PathPoint> path) {
  std::vector<Seconds> runs;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Second to = path[i].moves_to_next ? path[i + 1].at : path[i].at;
    if (!runs.empty() && path[i].at <= runs.back().to + 1) {
      runs.back().to = to;
    } else {
      runs.push_back({path[i].at, to});
    }
  }
  return runs;
}

std::int64_t common_seconds(std::span<const Seconds> a, std::span<const Seconds> b) {
  std::int64_t sum = 0;
  for (auto one = a.begin(), other = b.begin(); one != a.end() && other != b.end();) {
    const Seconds both{std::max(one->from, other->from), std::min(one->to, other->to)};
    if (!both.empty()) sum += both.count();
    ++(one->to < other->to ? one : other);
  }
  return sum;
}

}  // namespace packwalk
