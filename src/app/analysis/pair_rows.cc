#include "app/analysis/pair_rows.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "app/analysis/chain_sweep.h"
#include "app/analysis/row_changes.h"
#include "app/analysis/track_fixes.h"

namespace packwalk {
namespace {

/// A device that jumps touches new cells in each second.
constexpr Second met_at_once = 20 * place_slice_length;

bool holds(Seconds outer, Seconds inner) { return outer.from <= inner.from && inner.to <= outer.to; }

template <class Thing>
Seconds seconds_of(const Thing& thing) {
  return {thing.from, thing.to};
}

template <class Thing>
void append(std::vector<OfPair<Thing>>& all, DeviceNumber a, DeviceNumber b, const std::vector<Thing>& things) {
  for (const Thing& thing : things) all.push_back({a, b, thing});
}

template <class Thing>
void add(RowChanges<Thing>& all, const RowChanges<Thing>& more) {
  all.gone.insert(all.gone.end(), more.gone.begin(), more.gone.end());
  all.put.insert(all.put.end(), more.put.begin(), more.put.end());
}

/// The path of a device within `seconds`, with all fixes that determine it.
Result<std::vector<PathPoint>> path_within(AnalysisSnapshot& snapshot, DeviceNumber device, Seconds seconds,
                                           const AnalysisRules& rules) {
  seconds = widened(seconds, rules.walks.bridge);
  const auto found = read_track_fixes(snapshot, device, seconds, rules.outliers());
  if (!found) return found.failure();
  const auto sleeps = snapshot.sleeps(device, seconds);
  if (!sleeps) return sleeps.failure();
  return path_of(found->fixes, *sleeps, rules.tracks, rules.walks);
}

}  // namespace

Result<void> PairRows::make(AnalysisSnapshot& snapshot, const AnalysedDevice& self, std::span<const PathPoint> path) {
  if (auto found = find_chains(snapshot, path); !found) return found;
  std::vector<DeviceNumber> numbers;
  for (const auto* chains : {&chains_, &long_chains_}) {
    for (const auto& [other, seconds] : *chains) numbers.push_back(other);
  }
  if (auto read = read_into(partners_, snapshot.devices(numbers)); !read) return read;
  for (const AnalysedDevice& partner : partners_) {
    if (!partner.is_erased) continue;  // otherwise its rows are not ours to change
    chains_.erase(partner.number);
    long_chains_.erase(partner.number);
  }
  std::erase_if(partners_, [](const AnalysedDevice& partner) { return partner.is_erased; });
  if (auto made = make_pairs(snapshot, self); !made) return made;
  return sweep_long_chains(snapshot, self);
}

bool PairRows::is_whole(Seconds chain, Seconds read) const {
  return holds(read, widened(chain, chain_reach(rules_.walks)));
}

/// Reads contacts in a growing range until all chains that touch the change are complete, except long ones.
Result<void> PairRows::find_chains(AnalysisSnapshot& snapshot, std::span<const PathPoint> path) {
  std::map<DeviceNumber, Seconds> met;
  if (auto done = find_met(snapshot, path, met); !done) return done;
  const std::chrono::seconds reach = chain_reach(rules_.walks);
  const Seconds limit = widened(moved_, std::max(reach, std::chrono::seconds(sizes_.chain_seconds)));
  Seconds read = widened(moved_, reach);
  while (true) {
    if (auto done = read_into(stored_contacts_, snapshot.contacts(device_, read)); !done) return done;
    chains_ = chains_about(met, stored_contacts_);
    Seconds needed = moved_;
    for (const auto& [other, seconds] : chains_) needed = hull(needed, seconds);
    if (is_whole(needed, read) || holds(read, limit)) break;
    read = widened(needed, std::max(reach, std::chrono::seconds(needed.count())));
    read = {std::max(read.from, limit.from), std::min(read.to, limit.to)};
  }
  return set_long_ones_apart(snapshot, read);
}

/// Chains that are incomplete, and chains that were stored as long ones.
Result<void> PairRows::set_long_ones_apart(AnalysisSnapshot& snapshot, Seconds read) {
  if (chains_.empty()) return {};
  Seconds all;
  for (const auto& [other, seconds] : chains_) all = hull(all, seconds);
  const auto states = snapshot.chain_states(device_, {std::max(all.from, read.from), std::min(all.to, read.to)});
  if (!states) return states.failure();
  std::set<DeviceNumber> were_long;
  for (const auto& state : *states) {
    const auto chain = chains_.find(other_of(state.a, state.b));
    const Seconds at{state.of.to, state.of.to};
    if (chain != chains_.end() && touch(chain->second, at)) were_long.insert(chain->first);
  }
  std::erase_if(chains_, [&](const auto& chain) {
    if (is_whole(chain.second, read) && !were_long.contains(chain.first)) return false;
    long_chains_.insert(chain);
    return true;
  });
  return {};
}

/// The devices that may be near, and the seconds of the change in which they may be.
Result<void> PairRows::find_met(AnalysisSnapshot& snapshot, std::span<const PathPoint> path,
                                std::map<DeviceNumber, Seconds>& met) const {
  for (Seconds some{moved_.from, 0}; some.from <= moved_.to; some.from = some.to + 1) {
    some.to = std::min(some.from + met_at_once - 1, moved_.to);
    const auto near = snapshot.devices_at(place_cells_near(path, some, rules_.walks));
    if (!near) return near.failure();
    for (const auto& [other, slice] : *near) {
      if (other == device_) continue;
      const Second from = std::max(slice * place_slice_length, some.from);
      const Second to = std::min((slice + 1) * place_slice_length - 1, some.to);
      met[other] = hull(met[other], {from, to});
    }
  }
  return {};
}

/// `contacts` are sorted by pair and time.
std::map<DeviceNumber, Seconds> PairRows::chains_about(const std::map<DeviceNumber, Seconds>& met,
                                                       std::span<const OfPair<Contact>> contacts) const {
  std::map<DeviceNumber, std::vector<Contact>> of_others;
  for (const auto& contact : contacts) of_others[other_of(contact.a, contact.b)].push_back(contact.of);
  std::map<DeviceNumber, Seconds> chains = met;
  for (const auto& [other, stored] : of_others) {
    const auto was_met = met.find(other);
    Seconds seconds = was_met == met.end() ? Seconds{} : was_met->second;
    for (const Contact& contact : stored) {
      if (touch(seconds_of(contact), moved_)) seconds = hull(seconds, seconds_of(contact));
    }
    if (!seconds.empty()) chains[other] = chains_around(seconds, stored, rules_.walks);
  }
  return chains;
}

template <class Thing>
std::vector<OfPair<Thing>> PairRows::replaced(std::vector<OfPair<Thing>> stored) const {
  std::erase_if(stored, [&](const OfPair<Thing>& each) {
    const auto chain = chains_.find(other_of(each.a, each.b));
    return chain == chains_.end() || !touch(chain->second, seconds_of(each.of));
  });
  return stored;
}

bool PairRows::is_lower(const AnalysedDevice& self, const AnalysedDevice& other) {
  return std::tie(self.id, self.number) < std::tie(other.id, other.number);
}

Result<void> PairRows::make_pairs(AnalysisSnapshot& snapshot, const AnalysedDevice& self) {
  stored_contacts_ = replaced(std::move(stored_contacts_));
  if (chains_.empty()) return {};
  Seconds all;
  for (const auto& [other, seconds] : chains_) all = hull(all, seconds);
  const auto own = path_within(snapshot, device_, all, rules_);
  if (!own) return own.failure();
  std::vector<OfPair<Contact>> contacts;
  std::vector<OfPair<JointWalk>> walks;
  std::vector<Seconds> runs;
  for (const AnalysedDevice& other : partners_) {
    const auto chain = chains_.find(other.number);
    if (chain == chains_.end()) continue;
    const Seconds seconds = chain->second;
    const auto others = path_within(snapshot, other.number, seconds, rules_);
    if (!others) return others.failure();
    const bool is_first = is_lower(self, other);
    const auto& [a, path_a] = is_first ? std::tie(self.number, *own) : std::tie(other.number, *others);
    const auto& [b, path_b] = is_first ? std::tie(other.number, *others) : std::tie(self.number, *own);
    runs.clear();
    near_runs(path_a, path_b, seconds, rules_.walks, runs);
    const std::vector<Contact> found = contacts_of(runs, rules_.walks);
    append(contacts, a, b, found);
    append(walks, a, b, joint_walks_of({path_a, path_b, runs}, found, rules_.tracks, rules_.walks));
  }
  auto stored_walks = snapshot.joint_walks(device_, all);
  if (!stored_walks) return stored_walks.failure();
  contacts_ = changes_between(std::move(stored_contacts_), std::move(contacts));
  walks_ = changes_between(replaced(*std::move(stored_walks)), std::move(walks));
  return {};
}

Result<void> PairRows::sweep_long_chains(AnalysisSnapshot& snapshot, const AnalysedDevice& self) {
  const std::size_t fixes_max = sizes_.fixes_max / std::max<std::size_t>(long_chains_.size(), 1);
  for (const AnalysedDevice& other : partners_) {
    const auto chain = long_chains_.find(other.number);
    if (chain == long_chains_.end()) continue;
    const bool is_first = is_lower(self, other);
    ChainSweep sweep({.device = device_,
                      .a = is_first ? device_ : other.number,
                      .b = is_first ? other.number : device_,
                      .moved = moved_,
                      .known = chain->second,
                      .fixes_max = fixes_max},
                     rules_, sizes_);
    if (auto done = sweep.run(snapshot); !done) return done;
    add(contacts_, sweep.contacts());
    add(walks_, sweep.walks());
    add(states_, sweep.states());
    reached_moved_ = reached_moved_ && sweep.reached_moved();
    if (const auto at = sweep.goes_on_at()) goes_on_at_.push_back(*at);
  }
  return {};
}

}  // namespace packwalk
