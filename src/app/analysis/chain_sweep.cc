#include "app/analysis/chain_sweep.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "app/analysis/pages.h"
#include "app/analysis/row_changes.h"
#include "app/analysis/track_fixes.h"

namespace packwalk {
namespace {

constexpr Second last_second = std::numeric_limits<std::int32_t>::max();
constexpr Second read_back = 86'400;

}  // namespace

ChainSweep::ChainSweep(const LongChain& chain, const AnalysisRules& rules, const AnalysisSizes& sizes)
    : chain_(chain), rules_(rules), sizes_(sizes), reach_(chain_reach(rules.walks).count()) {}

template <class Thing>
std::vector<OfPair<Thing>> ChainSweep::of_pair(std::vector<OfPair<Thing>> all) const {
  std::erase_if(all, [&](const OfPair<Thing>& each) { return each.a != chain_.a || each.b != chain_.b; });
  return all;
}

template <class Thing>
std::vector<OfPair<Thing>> ChainSweep::as_of_pair(const std::vector<Thing>& things) const {
  std::vector<OfPair<Thing>> all;
  for (const Thing& thing : things) all.push_back({chain_.a, chain_.b, thing});
  return all;
}

Result<void> ChainSweep::run(AnalysisSnapshot& snapshot) {
  if (auto begun = find_begin(snapshot); !begun) return begun;
  while (true) {
    const auto step = sweep_page(snapshot);
    if (!step) return step.failure();
    if (*step == Step::end) return compare(snapshot);
  }
}

/// Goes back contact by contact, to a state or the first contact.
Result<void> ChainSweep::find_begin(AnalysisSnapshot& snapshot) {
  const auto state = snapshot.last_chain_state(chain_.a, chain_.b, chain_.moved.from);
  if (!state) return state.failure();
  Second first = std::min(chain_.known.from, chain_.moved.from);
  for (bool goes_back = true; goes_back;) {
    if (*state && (*state)->to >= first - reach_) {
      fold_.emplace(rules_.tracks, rules_.walks, **state);
      swept_ = {(*state)->to, (*state)->to};
      next_ = (*state)->to + 1;
      return {};
    }
    goes_back = false;
    auto earlier = snapshot.contacts(chain_.device, {first - reach_ - read_back, first - 1});
    if (!earlier) return earlier.failure();
    const auto contacts = of_pair(*std::move(earlier));
    for (auto contact = contacts.rbegin(); contact != contacts.rend(); ++contact) {
      if (contact->of.to < first - reach_ || contact->of.from >= first) continue;
      first = contact->of.from;
      goes_back = true;
    }
  }
  fold_.emplace(rules_.tracks, rules_.walks);
  swept_ = {first, first};
  next_ = first;
  return {};
}

/// Reads one page, beginning `bridge` before `from`.
Result<ChainSweep::PathPage> ChainSweep::page(AnalysisSnapshot& snapshot, DeviceNumber device, Second from) const {
  const Second bridge = rules_.walks.bridge.count();
  // Fixes are at least a second apart, so `until` is not before next_.
  const std::size_t limit = sizes_.page + static_cast<std::size_t>(2 * bridge + reach_ + 2);
  const auto found = read_track_fixes(snapshot, device, {from - bridge, last_second}, rules_.outliers(), limit);
  if (!found) return found.failure();
  const auto sleeps = sleeps_between(snapshot, device, found->fixes);
  if (!sleeps) return sleeps.failure();
  return PathPage{.path = path_of(found->fixes, *sleeps, rules_.tracks, rules_.walks),
                  .until = found->until == last_second ? last_second : found->until - bridge,
                  .fixes = found->fixes.size() + found->outliers.size()};
}

/// One state between two neighbours suffices.
Result<std::vector<DeviceTime>> ChainSweep::sleeps_between(AnalysisSnapshot& snapshot, DeviceNumber device,
                                                           std::span<const PathFix> fixes) const {
  std::vector<DeviceTime> found;
  if (fixes.size() < 2) return found;
  Pages<DeviceTime> sleeps([&](Seconds range, std::size_t limit) { return snapshot.sleeps(device, range, limit); },
                           sizes_.page, seconds_since_1970(fixes.front().timestamp) + 1, {}, {});
  for (auto next = fixes.begin() + 1; const DeviceTime* const sleep = sleeps.peek(); sleeps.pop()) {
    while (next != fixes.end() && next->timestamp <= *sleep) ++next;
    if (next == fixes.end()) break;
    const DeviceTime before = std::prev(next)->timestamp;
    if (*sleep > before && (found.empty() || found.back() <= before)) found.push_back(*sleep);
  }
  if (!sleeps.failure()) return sleeps.failure().failure();
  return found;
}

Result<ChainSweep::Step> ChainSweep::sweep_page(AnalysisSnapshot& snapshot) {
  // The odometers continue after the last near second.
  const Second from = fold_->open() ? fold_->open()->to + 1 : next_;
  const auto a = page(snapshot, chain_.a, from);
  if (!a) return a.failure();
  const auto b = page(snapshot, chain_.b, from);
  if (!b) return b.failure();
  fixes_ += a->fixes + b->fixes;
  Second until = std::min(a->until, b->until);
  const auto stood = read_states(snapshot, until);
  if (!stood) return stood.failure();
  if (*stood) until = (*stood)->to;
  if (!add_runs(*a, *b, until)) {
    end();
    return Step::end;
  }
  return end_page(snapshot, until, *stood);
}

/// Adopts stored states up to `until`. Returns the first one after the change: the page must end there.
Result<std::optional<ChainState>> ChainSweep::read_states(AnalysisSnapshot& snapshot, Second until) {
  auto states = snapshot.chain_states(chain_.device, {next_, until});
  if (!states) return states.failure();
  for (const auto& each : of_pair(*std::move(states))) {
    stored_states_.push_back(each.of);
    if (each.of.to > chain_.moved.to) return std::optional(each.of);
  }
  return std::optional<ChainState>();
}

/// False: no chain is open, and the next one begins after the last possible change.
bool ChainSweep::add_runs(const PathPage& a, const PathPage& b, Second until) {
  std::vector<Seconds> runs;
  near_runs(a.path, b.path, {next_, until}, rules_.walks, runs);
  for (const Seconds& run : runs) {
    fold_->end_before(run.from);
    if (!fold_->open() && run.from > last_affected()) return false;
    fold_->add(run, a.path, b.path);
  }
  return true;
}

Result<ChainSweep::Step> ChainSweep::end_page(AnalysisSnapshot& snapshot, Second until,
                                              const std::optional<ChainState>& stood) {
  next_ = until + 1;
  fold_->end_before(until == last_second ? std::numeric_limits<Second>::max() : next_);
  if (until == last_second || (!fold_->open() && until >= last_affected())) {
    end();
    return Step::end;
  }
  if (stood && fold_->open() == stood) {
    const auto stands = let_stand(snapshot);
    if (!stands) return stands.failure();
    if (*stands) {
      found_states_.push_back(*stood);
      swept_.to = stood->to;
      return Step::end;
    }
  }
  if (fold_->open() && (found_states_.empty() || found_states_.back().to < fold_->open()->to)) {
    found_states_.push_back(*fold_->open());
  }
  if (fixes_ < chain_.fixes_max || (until >= chain_.moved.from && until < last_affected())) return Step::go_on;
  if (auto done = interrupt(snapshot, until); !done) return done.failure();
  return Step::end;
}

void ChainSweep::end() {
  swept_.to = std::max(swept_.to, last_affected());
  if (!fold_->contacts().empty()) swept_.to = std::max(swept_.to, fold_->contacts().back().to);
}

/// Whether the stored contact covers all swept seconds of the open one. Then it stays, with its walk.
Result<bool> ChainSweep::let_stand(AnalysisSnapshot& snapshot) {
  const ChainState& open = *fold_->open();
  auto contacts = snapshot.contacts(chain_.device, {open.to, open.to});
  if (!contacts) return contacts.failure();
  const auto stored = of_pair(*std::move(contacts));
  if (stored.empty() || stored.front().of.from != open.last.from) return false;
  auto walks = snapshot.joint_walks(chain_.device, {open.to, open.to});
  if (!walks) return walks.failure();
  found_contacts_.push_back(stored.front().of);
  for (const auto& walk : of_pair(*std::move(walks))) {
    if (walk.of.from == open.from) found_walks_.push_back(walk.of);
  }
  return true;
}

/// Until the rest is swept, longer rows stay as they are.
Result<void> ChainSweep::interrupt(AnalysisSnapshot& snapshot, Second until) {
  reached_moved_ = until >= last_affected();
  swept_.to = until;
  if (!fold_->open()) return {};
  if (reached_moved_) goes_on_at_ = fold_->open()->to;
  const auto stands = let_stand(snapshot);
  if (!stands) return stands.failure();
  if (*stands) return {};
  found_contacts_.push_back(fold_->open()->last);
  if (const auto walk = walk_of(*fold_->open(), rules_.walks)) found_walks_.push_back(*walk);
  return {};
}

Result<void> ChainSweep::compare(AnalysisSnapshot& snapshot) {
  auto contacts = snapshot.contacts(chain_.device, swept_);
  if (!contacts) return contacts.failure();
  auto walks = snapshot.joint_walks(chain_.device, swept_);
  if (!walks) return walks.failure();
  found_contacts_.insert(found_contacts_.end(), fold_->contacts().begin(), fold_->contacts().end());
  found_walks_.insert(found_walks_.end(), fold_->walks().begin(), fold_->walks().end());
  // Later rows belong to other chains.
  std::erase_if(stored_states_, [&](const ChainState& state) { return state.to > swept_.to; });
  contacts_ = changes_between(of_pair(*std::move(contacts)), as_of_pair(found_contacts_));
  walks_ = changes_between(of_pair(*std::move(walks)), as_of_pair(found_walks_));
  states_ = changes_between(as_of_pair(stored_states_), as_of_pair(found_states_));
  return {};
}

}  // namespace packwalk
