#include "core/walk/chain_fold.h"

#include <algorithm>
#include <limits>

namespace packwalk {
namespace {

/// Where a device is second after second; it must be somewhere.
class Walker {
 public:
  Walker(std::span<const PathPoint> path, Second at) : path_(path), last_(last_point_until(path, at)) {}

  Ecef go_to(Second at) {
    while (last_ + 1 < path_.size() && path_[last_ + 1].at <= at) ++last_;
    const PathPoint& last = path_[last_];
    return last.at == at ? last.point : between(last, path_[last_ + 1], at);
  }

 private:
  std::span<const PathPoint> path_;
  std::size_t last_;
};

/// The fixes of `span`, told to the device's odometer.
void measure(CompanionState& device, std::span<const PathPoint> path, Seconds span, const TrackRules& rules) {
  Odometer odometer(rules, device.odometer);
  const auto first = std::lower_bound(path.begin(), path.end(), span.from,
                                      [](const PathPoint& point, Second time) { return point.at < time; });
  for (auto fix = first; fix != path.end() && fix->at <= span.to; ++fix) {
    odometer.add(fix->point, fix->accuracy_m, device_time(fix->at));
  }
  device.odometer = odometer.state();
}

void count_if_away(CompanionState& device, const WalkRules& rules) {
  if (norm(device.end - device.start) >= rules.walk_reach_m) ++device.away;
}

}  // namespace

bool ChainFold::goes_on_at(Second at) const {
  return at - open_->to <= std::max(walks_.contact_hole, walks_.walk_pause).count();
}

void ChainFold::end_before(Second at) {
  if (open_ && !goes_on_at(at)) end();
}

void ChainFold::end() {
  contacts_.push_back(open_->last);
  if (const auto walk = walk_of(*open_, walks_)) joint_walks_.push_back(*walk);
  open_.reset();
}

void ChainFold::add(Seconds run, std::span<const PathPoint> a, std::span<const PathPoint> b) {
  end_before(run.from);
  Walker walker_a(a, run.from);
  Walker walker_b(b, run.from);
  Seconds measured = run;
  if (open_) {
    measured.from = open_->to + 1;
    if (run.from - open_->to > walks_.contact_hole.count()) {
      contacts_.push_back(open_->last);
      open_->seconds_before += open_->last.to - open_->last.from;
      ++open_->contacts;
      open_->last = {run.from, run.from, 0};
    }
  } else {
    open_ = ChainState{.from = run.from, .last = {run.from, run.from, 0}, .contacts = 1};
    open_->min_distance_m = std::numeric_limits<double>::max();
    open_->a.start = walker_a.go_to(run.from);
    open_->b.start = walker_b.go_to(run.from);
  }
  ChainState& chain = *open_;
  for (Second at = run.from; at <= run.to; ++at) {
    chain.a.end = walker_a.go_to(at);
    chain.b.end = walker_b.go_to(at);
    const double distance_m = norm(chain.a.end - chain.b.end);
    chain.min_distance_m = std::min(chain.min_distance_m, distance_m);
    chain.sum_m += distance_m;
    count_if_away(chain.a, walks_);
    count_if_away(chain.b, walks_);
  }
  chain.to = chain.last.to = run.to;
  chain.last.near_seconds += run.count();
  chain.near_seconds += run.count();
  measure(chain.a, a, measured, tracks_);
  measure(chain.b, b, measured, tracks_);
}

std::optional<JointWalk> walk_of(const ChainState& chain, const WalkRules& rules) {
  const std::int64_t lasted = chain.seconds_before + chain.last.to - chain.last.from;
  if (lasted < rules.walk_min.count()) return std::nullopt;
  if (chain.near_seconds * 100 < lasted * rules.walk_near_percent) return std::nullopt;
  const std::int64_t seconds_away = (chain.near_seconds * rules.walk_reach_percent + 99) / 100;
  if (chain.a.away < seconds_away || chain.b.away < seconds_away) return std::nullopt;
  return JointWalk{.from = chain.from,
                   .to = chain.to,
                   .seconds_together = lasted + chain.contacts,
                   .near_seconds = chain.near_seconds,
                   .contacts = chain.contacts,
                   .min_distance_m = chain.min_distance_m,
                   .mean_distance_m = chain.sum_m / static_cast<double>(chain.near_seconds),
                   .length_a_m = chain.a.odometer.length_m,
                   .length_b_m = chain.b.odometer.length_m,
                   .start_position = place_of((chain.a.start + chain.b.start) * 0.5),
                   .end_position = place_of((chain.a.end + chain.b.end) * 0.5)};
}

}  // namespace packwalk
