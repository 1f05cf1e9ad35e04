#include "core/walk/joint_walk.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "core/track/odometer.h"

namespace packwalk {
namespace {

/// One device of a chain: where it is near second after near second.
class Companion {
 public:
  Companion(std::span<const PathPoint> path, Second from) : path_(path), last_(last_point_until(path, from)) {
    start_ = point(from);
  }

  /// Seconds must not go back; it must be somewhere.
  Ecef point(Second at) {
    while (last_ + 1 < path_.size() && path_[last_ + 1].at <= at) ++last_;
    const PathPoint& last = path_[last_];
    return last.at == at ? last.point : between(last, path_[last_ + 1], at);
  }

  bool is_away(const Ecef& point, double reach_m) const { return norm(point - start_) >= reach_m; }

  double length_m(Seconds span, const TrackRules& rules) const {
    Odometer odometer(rules);
    const auto first = std::lower_bound(path_.begin(), path_.end(), span.from,
                                        [](const PathPoint& point, Second time) { return point.at < time; });
    for (auto fix = first; fix != path_.end() && fix->at <= span.to; ++fix) {
      odometer.add(fix->point, fix->accuracy_m, device_time(fix->at));
    }
    return odometer.length_m();
  }

 private:
  std::span<const PathPoint> path_;
  std::size_t last_;
  Ecef start_;
};

std::int64_t seconds_together(std::span<const Contact> chain) {
  std::int64_t sum = 0;
  for (const Contact& contact : chain) sum += contact.to - contact.from;
  return sum;
}

std::int64_t near_seconds(std::span<const Contact> chain) {
  std::int64_t sum = 0;
  for (const Contact& contact : chain) sum += contact.near_seconds;
  return sum;
}

class ChainOfPair {
 public:
  ChainOfPair(std::span<const PathPoint> a, std::span<const PathPoint> b, const TrackRules& tracks,
              const WalkRules& walks)
      : a_(a), b_(b), tracks_(tracks), walks_(walks) {}

  /// The walk that a chain of contacts is, if it is one.
  std::optional<JointWalk> walk(std::span<const Contact> chain) const {
    JointWalk walk{.from = chain.front().from,
                   .to = chain.back().to,
                   .seconds_together = seconds_together(chain),
                   .near_seconds = near_seconds(chain),
                   .contacts = static_cast<std::int64_t>(chain.size()),
                   .least_m = std::numeric_limits<double>::max()};
    if (walk.seconds_together < walks_.walk_min.count()) return std::nullopt;
    if (walk.near_seconds * 100 < walk.seconds_together * walks_.walk_near_percent) return std::nullopt;
    Companion a(a_, walk.from);
    Companion b(b_, walk.from);
    std::vector<Seconds> runs;
    for (const Contact& contact : chain) near_runs(a_, b_, {contact.from, contact.to}, walks_, runs);
    std::int64_t away_a = 0;
    std::int64_t away_b = 0;
    double sum_m = 0;
    Ecef middle;
    for (const Seconds& run : runs) {
      for (Second at = run.from; at <= run.to; ++at) {
        const Ecef point_a = a.point(at);
        const Ecef point_b = b.point(at);
        const double distance_m = norm(point_a - point_b);
        walk.least_m = std::min(walk.least_m, distance_m);
        sum_m += distance_m;
        if (a.is_away(point_a, walks_.walk_reach_m)) ++away_a;
        if (b.is_away(point_b, walks_.walk_reach_m)) ++away_b;
        middle = (point_a + point_b) * 0.5;
        if (at == walk.from) walk.middle_from = place_of(middle);
      }
    }
    const auto moved = [&](std::int64_t away) { return away * 100 >= walk.near_seconds * walks_.walk_reach_percent; };
    if (!moved(away_a) || !moved(away_b)) return std::nullopt;
    walk.mean_m = sum_m / static_cast<double>(walk.near_seconds);
    walk.middle_to = place_of(middle);
    walk.length_a_m = a.length_m({walk.from, walk.to}, tracks_);
    walk.length_b_m = b.length_m({walk.from, walk.to}, tracks_);
    return walk;
  }

 private:
  std::span<const PathPoint> a_;
  std::span<const PathPoint> b_;
  const TrackRules& tracks_;
  const WalkRules& walks_;
};

}  // namespace

std::vector<Contact> contacts_of(std::span<const Seconds> runs, const WalkRules& rules) {
  std::vector<Contact> contacts;
  for (const Seconds& run : runs) {
    if (contacts.empty() || run.from - contacts.back().to > rules.contact_hole.count()) {
      contacts.push_back({run.from, run.to, run.count()});
      continue;
    }
    contacts.back().to = run.to;
    contacts.back().near_seconds += run.count();
  }
  return contacts;
}

std::vector<JointWalk> joint_walks_of(std::span<const PathPoint> a, std::span<const PathPoint> b,
                                      std::span<const Contact> contacts, const TrackRules& tracks,
                                      const WalkRules& walks) {
  const ChainOfPair pair(a, b, tracks, walks);
  std::vector<JointWalk> found;
  std::size_t first = 0;
  for (std::size_t i = 0; i < contacts.size(); ++i) {
    const bool goes_on = i + 1 < contacts.size() && contacts[i + 1].from - contacts[i].to <= walks.walk_pause.count();
    if (goes_on) continue;
    if (const auto walk = pair.walk(contacts.subspan(first, i + 1 - first))) found.push_back(*walk);
    first = i + 1;
  }
  return found;
}

}  // namespace packwalk
