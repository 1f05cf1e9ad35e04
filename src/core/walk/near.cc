#include "core/walk/near.h"

#include <algorithm>
#include <limits>

namespace packwalk {
namespace {

constexpr Second never = std::numeric_limits<Second>::max();

/// One device, followed through its path.
class Follower {
 public:
  Follower(std::span<const PathPoint> path, Second at) : path_(path), last_(last_point_until(path, at)) {}

  bool began() const { return last_ < path_.size(); }
  const PathPoint& last() const { return path_[last_]; }
  const PathPoint& next() const { return path_[last_ + 1]; }
  bool is_at_fix(Second at) const { return began() && last().at == at; }
  bool moves() const { return began() && last().moves_to_next; }
  Second next_fix() const {
    const std::size_t i = began() ? last_ + 1 : 0;
    return i < path_.size() ? path_[i].at : never;
  }
  void go_to(Second at) {
    if (next_fix() <= at) last_ = began() ? last_ + 1 : 0;
  }
  /// While it moves, or at its fix.
  Ecef point(Second at) const { return last().at == at ? last().point : between(last(), next(), at); }
  double accuracy(Second at) const {
    return last().at == at ? last().accuracy_m : std::max(last().accuracy_m, next().accuracy_m);
  }

 private:
  std::span<const PathPoint> path_;
  std::size_t last_;  // path_.size(): it has not begun
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
    const double least = std::clamp(-slope / curvature, static_cast<double>(among.from), static_cast<double>(among.to));
    Seconds near{static_cast<Second>(std::floor(least)), static_cast<Second>(std::ceil(least))};
    if (!is_near(near.from)) near.from = near.to;
    if (!is_near(near.from)) return {};
    if (!is_near(near.to)) near.to = near.from;
    const double half =
        std::sqrt(std::max(0.0, slope * slope - curvature * (dot(apart, apart) - reach_squared))) / curvature;
    near.from = std::min(near.from, clamped(std::ceil(-slope / curvature - half), among));
    near.to = std::max(near.to, clamped(std::floor(-slope / curvature + half), among));
    // Rounding may have set the roots a little off.
    while (!is_near(near.from)) ++near.from;
    while (near.from > among.from && is_near(near.from - 1)) --near.from;
    while (!is_near(near.to)) --near.to;
    while (near.to < among.to && is_near(near.to + 1)) ++near.to;
    return near;
  }

 private:
  static Second clamped(double s, Seconds among) {
    return static_cast<Second>(std::clamp(s, static_cast<double>(among.from), static_cast<double>(among.to)));
  }
};

double squared(double value) { return value * value; }

void add_run(std::vector<Seconds>& found, Seconds run) {
  if (run.empty()) return;
  if (!found.empty() && found.back().to + 1 == run.from) {
    found.back().to = run.to;
  } else {
    found.push_back(run);
  }
}

}  // namespace

double reach_of(double accuracy_a_m, double accuracy_b_m, const WalkRules& rules) {
  const double allowance = std::sqrt(squared(accuracy_a_m) + squared(accuracy_b_m));
  return rules.near_m + std::min(allowance, rules.allowance_max_m);
}

void near_runs(std::span<const PathPoint> a_path, std::span<const PathPoint> b_path, Seconds window,
               const WalkRules& rules, std::vector<Seconds>& found) {
  Follower a(a_path, window.from);
  Follower b(b_path, window.from);
  for (Second at = window.from; at <= window.to;) {
    const Second next = std::min(a.next_fix(), b.next_fix());
    Second rest = at;
    if (a.is_at_fix(at) || b.is_at_fix(at)) {
      ++rest;
      if ((a.is_at_fix(at) || a.moves()) && (b.is_at_fix(at) || b.moves())) {
        const Ecef apart = a.point(at) - b.point(at);
        if (dot(apart, apart) <= squared(reach_of(a.accuracy(at), b.accuracy(at), rules))) add_run(found, {at, at});
      }
    }
    if (a.moves() && b.moves()) {
      const Seconds until{rest, std::min(next - 1, window.to)};
      if (!until.empty()) {
        // From fix to fix, wherever the window ends: so that every window computes the same numbers.
        const Second origin = std::max(a.last().at, b.last().at);
        const Ecef apart = a.point(origin) - b.point(origin);
        const Ecef at_end = between(a.last(), a.next(), next) - between(b.last(), b.next(), next);
        const Parting parting{
            .apart = apart,
            .per_second = (at_end - apart) * (1 / static_cast<double>(next - origin)),
            .reach_squared = squared(reach_of(a.accuracy(until.from), b.accuracy(until.from), rules))};
        const Seconds near = parting.near_among({until.from - origin, until.to - origin});
        if (!near.empty()) add_run(found, {near.from + origin, near.to + origin});
      }
    }
    if (next == never) return;
    at = next;
    a.go_to(at);
    b.go_to(at);
  }
}

}  // namespace packwalk
