#include "app/analysis/track_sweep.h"

#include <algorithm>

#include "app/analysis/row_changes.h"
#include "app/analysis/track_fixes.h"

namespace packwalk {
namespace {

constexpr std::size_t states_a_page = 16;

}  // namespace

Result<void> TrackSweep::read_about(AnalysisSnapshot& snapshot) {
  return read_into(about_, snapshot.tracks(device_, near_));
}

/// A short track has few fixes, so no states.
Result<std::optional<TrackState>> TrackSweep::state_before(AnalysisSnapshot& snapshot) const {
  if (about_.empty()) return std::optional<TrackState>();
  const auto lasted = changed_.from - seconds_since_1970(about_.front().from);
  const std::size_t least = std::min(sizes_.state_interval / 2, sizes_.fixes_max);
  if (lasted <= 0 || static_cast<std::size_t>(lasted) < least) return std::optional<TrackState>();
  auto state = snapshot.last_track_state(device_, changed_.from);
  if (state && *state && (*state)->to < about_.front().from) return std::optional<TrackState>();
  return state;
}

Result<void> TrackSweep::run(AnalysisSnapshot& snapshot, const KnownPackets& known) {
  const auto state = state_before(snapshot);
  if (!state) return state.failure();
  Second from = near_.from;
  if (!about_.empty()) from = std::min(from, seconds_since_1970(about_.front().from));
  swept_ = {from, near_.to};
  if (*state) {
    open_.emplace(rules_, **state);
    swept_.from = seconds_since_1970((*state)->from);  // no earlier fix is affected by the change
    from = seconds_since_1970((*state)->to) + 1;
  }
  const Pages<PathFix>::Read read = [&](Seconds range, std::size_t limit) -> Result<Page<PathFix>> {
    auto found = read_track_fixes(snapshot, device_, range, outlier_rules_, limit);
    if (!found) return found.failure();
    return Page<PathFix>{std::move(found->fixes), found->until, found->outliers.size()};
  };
  Pages<PathFix> fixes(read, sizes_.page, from, known.fixes, known.seconds);
  Pages<DeviceTime> sleeps([&](Seconds range, std::size_t limit) { return snapshot.sleeps(device_, range, limit); },
                           sizes_.page, from, known.sleeps, known.seconds);
  if (auto done = sweep(snapshot, fixes, sleeps); !done) return done;
  if (!fixes.failure()) return fixes.failure();
  if (!sleeps.failure()) return sleeps.failure();
  return compare(snapshot);
}

Result<void> TrackSweep::sweep(AnalysisSnapshot& snapshot, Pages<PathFix>& fixes, Pages<DeviceTime>& sleeps) {
  const Second after_state = open_ ? seconds_since_1970(open_->to()) + 1 : swept_.from;
  Pages<TrackState> kept([&](Seconds range, std::size_t limit) { return snapshot.track_states(device_, range, limit); },
                         states_a_page, after_state, {}, {});
  while (!fixes.is_known_to_be_later_than(last_awaited())) {
    const PathFix* const fix = fixes.peek(last_awaited());
    if (!fix) break;
    if (!open_ || !joins(*fix, sleeps)) {
      if (open_) end_track();
      if (seconds_since_1970(fix->timestamp) > near_.to) break;
      open_.emplace(rules_);
    }
    open_->add(*fix);
    fixes.pop();
    const auto step = pass(snapshot, kept, fixes.left_out());
    if (!step) return step.failure();
    if (*step == Step::end) return kept.failure();
  }
  if (open_) end_track();
  drop_states(kept, swept_.to);
  return kept.failure();
}

/// If there is no fix up to then, the open track ends, and no track around `changed` is left.
Second TrackSweep::last_awaited() const {
  return open_ ? std::max(near_.to, seconds_since_1970(open_->to()) + rules_.gap.count()) : near_.to;
}

/// Drops states up to then whose fix was not found: it has become an outlier.
void TrackSweep::drop_states(Pages<TrackState>& kept, Second until) {
  while (const TrackState* const next = kept.peek(until)) {
    if (seconds_since_1970(next->to) > until) break;
    states_.gone.push_back(*next);
    kept.pop();
  }
}

bool TrackSweep::joins(const PathFix& fix, Pages<DeviceTime>& sleeps) const {
  if (fix.timestamp - open_->to() > rules_.gap) return false;
  while (!sleeps.is_known_to_be_later_than(seconds_since_1970(fix.timestamp) - 1)) {
    const DeviceTime* const sleep = sleeps.peek();
    if (!sleep || *sleep >= fix.timestamp) return true;
    if (*sleep > open_->to()) return false;
    sleeps.pop();
  }
  return true;
}

void TrackSweep::end_track() {
  found_.push_back(open_->track());
  swept_.to = std::max(swept_.to, seconds_since_1970(open_->to()));
  open_.reset();
  fixes_since_state_ = 0;
}

/// At each added fix, stores states and ends the sweep where it can or must.
Result<TrackSweep::Step> TrackSweep::pass(AnalysisSnapshot& snapshot, Pages<TrackState>& kept, std::size_t outliers) {
  const DeviceTime at = open_->to();
  const Second second = seconds_since_1970(at);
  ++fixes_;
  ++fixes_since_state_;
  drop_states(kept, second - 1);
  std::optional<TrackState> stood;
  if (const TrackState* const next = kept.peek(second); next && next->to == at) {
    stood = *next;
    kept.pop();
  }
  if (stood && *stood == open_->state()) {
    fixes_since_state_ = 0;
    if (second > near_.to) {
      auto step = stop_at_equal_state(snapshot);
      if (!step || *step == Step::end) return step;
    }
  } else if (fixes_since_state_ >= (stood ? (sizes_.state_interval + 1) / 2 : sizes_.state_interval)) {
    states_.put.push_back(open_->state());
    fixes_since_state_ = 0;
  } else if (stood) {
    states_.gone.push_back(*stood);
  }
  const bool may_stop = second < changed_.from || second > near_.to;
  if (!may_stop || fixes_ + outliers < sizes_.fixes_max) return Step::go_on;
  if (auto done = interrupt(snapshot); !done) return done.failure();
  return Step::end;
}

Result<std::optional<Track>> TrackSweep::standing_track(AnalysisSnapshot& snapshot) const {
  const Second at = seconds_since_1970(open_->to());
  auto tracks = snapshot.tracks(device_, {at, at});
  if (!tracks) return tracks.failure();
  if (tracks->empty() || tracks->front().from != open_->from()) return std::optional<Track>();
  return tracks->front();
}

Result<TrackSweep::Step> TrackSweep::stop_at_equal_state(AnalysisSnapshot& snapshot) {
  const auto standing = standing_track(snapshot);
  if (!standing) return standing.failure();
  if (!*standing) return Step::go_on;
  found_.push_back(**standing);
  swept_.to = seconds_since_1970(open_->to());
  open_.reset();
  return Step::end;
}

/// Until the rest is swept, a stored track with more fixes than were swept stays as it is.
Result<void> TrackSweep::interrupt(AnalysisSnapshot& snapshot) {
  const Second at = seconds_since_1970(open_->to());
  reached_changed_ = at > near_.to;
  if (reached_changed_) goes_on_at_ = open_->to();
  if (fixes_since_state_ > 0) {
    const TrackState state = open_->state();
    std::erase_if(states_.gone, [&](const TrackState& gone) { return gone.to == state.to; });
    states_.put.push_back(state);
  }
  const auto standing = standing_track(snapshot);
  if (!standing) return standing.failure();
  found_.push_back(*standing ? **standing : open_->track());
  swept_.to = at;
  open_.reset();
  return {};
}

Result<void> TrackSweep::compare(AnalysisSnapshot& snapshot) {
  auto stored = snapshot.tracks(device_, swept_);
  if (!stored) return stored.failure();
  tracks_ = changes_between(*std::move(stored), std::move(found_));
  return {};
}

}  // namespace packwalk
