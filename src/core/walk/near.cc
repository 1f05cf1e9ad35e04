#include "core/walk/near.h"

#include <algorithm>
#include <limits>

namespace packwalk {
namespace {

constexpr Second never = std::numeric_limits<Second>::max();

/// One device, followed from fix to fix: by iterators, as an index is checked with each use.
class Follower {
 public:
  /// There is a fix at or before `at`.
  Follower(std::span<const PathPoint> path, Second at)
      : last_(path.begin() + static_cast<std::ptrdiff_t>(last_point_until(path, at))), end_(path.end()) {}

  const PathPoint& last() const { return *last_; }
  const PathPoint& next() const { return *(last_ + 1); }
  Second next_fix() const { return last_ + 1 != end_ ? next().at : never; }
  void go_to(Second at) {
    if (next_fix() <= at) ++last_;
  }

  bool moves() const { return last().moves_to_next; }
  bool is_somewhere(Second at) const { return last().at == at || moves(); }
  /// While it is somewhere.
  Ecef point(Second at) const { return last().at == at ? last().point : between(last(), next(), at); }
  double accuracy(Second at) const { return last().at == at ? last().accuracy_m : accuracy_on_the_way(); }
  double accuracy_on_the_way() const { return std::max(last().accuracy_m, next().accuracy_m); }

 private:
  std::span<const PathPoint>::iterator last_;
  std::span<const PathPoint>::iterator end_;
};

/// The difference of two devices that both move evenly: apart + per_second * s.
struct Parting {
  Ecef apart;
  Ecef per_second;
  double reach_squared = 0;

  bool is_near(Second s) const {
    const Ecef there = apart + per_second * static_cast<double>(s);
    return dot(there, there) <= reach_squared;
  }

  /// Of `s` in `among`, those that are near: the square is convex, so they lie around its least value without a hole.
  Seconds near_among(Seconds among) const {
    if (is_near(among.from) && is_near(among.to)) return among;
    const double curvature = dot(per_second, per_second);
    const double slope = dot(apart, per_second);
    if (curvature == 0) return {};
    const double least = within(-slope / curvature, among);
    Seconds near{static_cast<Second>(std::floor(least)), static_cast<Second>(std::ceil(least))};
    if (!is_near(near.from)) near.from = near.to;
    if (!is_near(near.from)) return {};
    if (!is_near(near.to)) near.to = near.from;
    const double half =
        std::sqrt(std::max(0.0, slope * slope - curvature * (dot(apart, apart) - reach_squared))) / curvature;
    near.from = std::min(near.from, static_cast<Second>(within(std::ceil(-slope / curvature - half), among)));
    near.to = std::max(near.to, static_cast<Second>(within(std::floor(-slope / curvature + half), among)));
    // Rounding may have set the roots a little off.
    while (!is_near(near.from)) ++near.from;
    while (near.from > among.from && is_near(near.from - 1)) --near.from;
    while (!is_near(near.to)) --near.to;
    while (near.to < among.to && is_near(near.to + 1)) ++near.to;
    return near;
  }

 private:
  static double within(double s, Seconds among) {
    return std::min(std::max(s, static_cast<double>(among.from)), static_cast<double>(among.to));
  }
};

double squared(double value) { return value * value; }

void add_run(std::vector<Seconds>& found, Seconds run) {
  if (!found.empty()) {
    Seconds& last = *(found.end() - 1);
    if (last.to + 1 == run.from) {
      last.to = run.to;
      return;
    }
  }
  found.push_back(run);
}

}  // namespace

double reach_of(double accuracy_a_m, double accuracy_b_m, const WalkRules& rules) {
  const double allowance = std::sqrt(squared(accuracy_a_m) + squared(accuracy_b_m));
  return rules.near_m + std::min(allowance, rules.allowance_max_m);
}

void near_runs(std::span<const PathPoint> a_path, std::span<const PathPoint> b_path, Seconds window,
               const WalkRules& rules, std::vector<Seconds>& found) {
  if (a_path.empty() || b_path.empty()) return;
  window.from = std::max<Second>({window.from, a_path.front().at, b_path.front().at});
  if (window.empty()) return;
  Follower a(a_path, window.from);
  Follower b(b_path, window.from);
  // From fix to fix of either, wherever the window begins and ends: so that every window computes the same numbers.
  for (Second at = std::max(a.last().at, b.last().at); at <= window.to;) {
    const Second next = std::min(a.next_fix(), b.next_fix());
    if (a.is_somewhere(at) && b.is_somewhere(at)) {
      const Ecef apart = a.point(at) - b.point(at);
      const double reach = reach_of(a.accuracy(at), b.accuracy(at), rules);
      if (at >= window.from && dot(apart, apart) <= squared(reach)) add_run(found, {at, at});
      const Seconds on_the_way{std::max(at + 1, window.from), std::min(next - 1, window.to)};
      if (a.moves() && b.moves() && !on_the_way.empty()) {
        const Ecef at_end = between(a.last(), a.next(), next) - between(b.last(), b.next(), next);
        const Parting parting{
            .apart = apart,
            .per_second = (at_end - apart) * (1 / static_cast<double>(next - at)),
            .reach_squared = squared(reach_of(a.accuracy_on_the_way(), b.accuracy_on_the_way(), rules))};
        const Seconds near = parting.near_among({on_the_way.from - at, on_the_way.to - at});
        if (!near.empty()) add_run(found, {near.from + at, near.to + at});
      }
    }
    if (next == never) return;
    at = next;
    a.go_to(at);
    b.go_to(at);
  }
}

}  // namespace packwalk
