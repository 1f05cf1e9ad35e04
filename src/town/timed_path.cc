#include "town/timed_path.h"

#include <algorithm>

namespace packwalk::town {
namespace {

// Where `at` lies between the knots around it, and what `value` says there. `key` never falls along the knots.
template <class Knots, class Key, class Value>
auto look_up(const Knots& knots, double at, Key key, Value value) {
  const auto after = std::partition_point(knots.begin(), knots.end(), [&](const auto& knot) { return key(knot) < at; });
  if (after == knots.begin()) return value(knots.front());
  if (after == knots.end()) return value(knots.back());
  const auto& before = *(after - 1);
  const double share = (at - key(before)) / (key(*after) - key(before));  // not 0/0: key(before) < at <= key(*after)
  return value(before) + (value(*after) - value(before)) * share;
}

}  // namespace

void TimedPath::walk_to(EastNorth to, double metres_a_second) {
  const double metres = length(to - knots_.back().place);
  knots_.push_back({end() + metres / metres_a_second, knots_.back().walked + metres, to});
}

void TimedPath::wait(double seconds) {
  Knot knot = knots_.back();
  knot.time += seconds;
  knots_.push_back(knot);
}

void TimedPath::shift(double seconds) {
  for (Knot& knot : knots_) knot.time += seconds;
}

EastNorth TimedPath::at(double time) const {
  return look_up(
      knots_, time, [](const Knot& knot) { return knot.time; }, [](const Knot& knot) { return knot.place; });
}

EastNorth TimedPath::at(double time, double behind) const {
  return look_up(
      knots_, walked_at(time) - behind, [](const Knot& knot) { return knot.walked; },
      [](const Knot& knot) { return knot.place; });
}

double TimedPath::walked_at(double time) const {
  return look_up(
      knots_, time, [](const Knot& knot) { return knot.time; }, [](const Knot& knot) { return knot.walked; });
}

double TimedPath::time_when(double walked) const {
  return look_up(
      knots_, walked, [](const Knot& knot) { return knot.walked; }, [](const Knot& knot) { return knot.time; });
}

}  // namespace packwalk::town
