#include "core/walk/joint_walk.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <optional>

#include "core/track/odometer.h"

namespace packwalk {
namespace {

/// One device of a chain: where it is near second after near second, and in how many of them it is away from the first.
class Companion {
 public:
  /// Counts no further than `seconds_away`.
  Companion(std::span<const PathPoint> path, Second from, double reach_m, std::int64_t seconds_away)
      : path_(path), reach_m_(reach_m), missing_(seconds_away) {
    begin_leg(path_.begin() + static_cast<std::ptrdiff_t>(last_point_until(path, from)));
    start_ = point(from);
  }

  /// Seconds must not go back; it must be somewhere.
  Ecef go_to(Second at) {
    while (at >= leg_ends_) begin_leg(last_ + 1);
    const Ecef here = point(at);
    if (missing_ > 0 && norm(here - start_) >= reach_m_) --missing_;
    return here;
  }

  const Ecef& start() const { return start_; }
  bool was_away() const { return missing_ == 0; }

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
  using Fix = std::span<const PathPoint>::iterator;

  void begin_leg(Fix fix) {
    last_ = fix;
    leg_ends_ = fix + 1 != path_.end() ? (fix + 1)->at : std::numeric_limits<Second>::max();
  }
  Ecef point(Second at) const { return last_->at == at ? last_->point : between(*last_, *(last_ + 1), at); }

  std::span<const PathPoint> path_;
  Fix last_;
  Second leg_ends_ = 0;
  Ecef start_;
  const double reach_m_;
  std::int64_t missing_;  // seconds away
};

/// How long its contacts last, which is a second less for each than the seconds that they have.
std::int64_t duration(std::span<const Contact> chain) {
  std::int64_t sum = 0;
  for (const Contact& contact : chain) sum += contact.to - contact.from;
  return sum;
}

std::int64_t near_seconds(std::span<const Contact> chain) {
  std::int64_t sum = 0;
  for (const Contact& contact : chain) sum += contact.near_seconds;
  return sum;
}

/// Of the runs, those within some contacts: a contact holds a run whole, or nothing of it.
std::span<const Seconds> runs_within(std::span<const Seconds> runs, Second from, Second to) {
  const auto first =
      std::partition_point(runs.begin(), runs.end(), [&](const Seconds& run) { return run.from < from; });
  const auto end = std::partition_point(first, runs.end(), [&](const Seconds& run) { return run.from <= to; });
  return {first, end};
}

class ChainOfPair {
 public:
  ChainOfPair(const PairOfPaths& pair, const TrackRules& tracks, const WalkRules& walks)
      : pair_(pair), tracks_(tracks), walks_(walks) {}

  /// The walk that a chain of contacts is, if it is one.
  std::optional<JointWalk> walk(std::span<const Contact> chain) const {
    assert(!chain.empty());
    const std::int64_t lasted = duration(chain);
    const auto contacts = static_cast<std::int64_t>(chain.size());
    JointWalk walk{.from = chain.front().from,
                   .to = chain.back().to,
                   .seconds_together = lasted + contacts,
                   .near_seconds = near_seconds(chain),
                   .contacts = contacts,
                   .min_distance_m = std::numeric_limits<double>::max()};
    if (lasted < walks_.walk_min.count()) return std::nullopt;
    if (walk.near_seconds * 100 < lasted * walks_.walk_near_percent) return std::nullopt;
    // In how many of its near seconds each must be away from its start, at least.
    const std::int64_t seconds_away = (walk.near_seconds * walks_.walk_reach_percent + 99) / 100;
    Companion a(pair_.a, walk.from, walks_.walk_reach_m, seconds_away);
    Companion b(pair_.b, walk.from, walks_.walk_reach_m, seconds_away);
    Ecef point_a;
    Ecef point_b;
    double sum_m = 0;
    for (const Seconds& run : runs_within(pair_.runs, walk.from, walk.to)) {
      for (Second at = run.from; at <= run.to; ++at) {
        point_a = a.go_to(at);
        point_b = b.go_to(at);
        const double distance_m = norm(point_a - point_b);
        walk.min_distance_m = std::min(walk.min_distance_m, distance_m);
        sum_m += distance_m;
      }
    }
    if (!a.was_away() || !b.was_away()) return std::nullopt;
    walk.mean_distance_m = sum_m / static_cast<double>(walk.near_seconds);
    walk.start_position = place_of((a.start() + b.start()) * 0.5);
    walk.end_position = place_of((point_a + point_b) * 0.5);
    walk.length_a_m = a.length_m({walk.from, walk.to}, tracks_);
    walk.length_b_m = b.length_m({walk.from, walk.to}, tracks_);
    return walk;
  }

 private:
  const PairOfPaths pair_;
  const TrackRules& tracks_;
  const WalkRules& walks_;
};

}  // namespace

std::vector<Contact> contacts_of(std::span<const Seconds> runs, const WalkRules& rules) {
  std::vector<Contact> contacts;
  for (const Seconds& run : runs) {
    assert(contacts.empty() || run.from > contacts.back().to);
    if (contacts.empty() || run.from - contacts.back().to > rules.contact_hole.count()) {
      contacts.push_back({run.from, run.to, run.count()});
      continue;
    }
    contacts.back().to = run.to;
    contacts.back().near_seconds += run.count();
  }
  return contacts;
}

std::vector<JointWalk> joint_walks_of(const PairOfPaths& paths, std::span<const Contact> contacts,
                                      const TrackRules& tracks, const WalkRules& walks) {
  const ChainOfPair pair(paths, tracks, walks);
  std::vector<JointWalk> found;
  auto first = contacts.begin();
  for (auto last = first; last != contacts.end(); ++last) {
    const auto next = last + 1;
    if (next != contacts.end() && next->from - last->to <= walks.walk_pause.count()) continue;
    if (const auto walk = pair.walk({first, next})) found.push_back(*walk);
    first = next;
  }
  return found;
}

}  // namespace packwalk
