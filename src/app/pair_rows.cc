#include "app/pair_rows.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "app/row_changes.h"

namespace packwalk {
namespace {

bool holds(Seconds outer, Seconds inner) { return outer.from <= inner.from && inner.to <= outer.to; }

template <class Thing>
Seconds seconds_of(const Thing& thing) {
  return {thing.from, thing.to};
}

template <class Thing>
void append(std::vector<OfPair<Thing>>& all, DeviceNumber a, DeviceNumber b, const std::vector<Thing>& things) {
  for (const Thing& thing : things) all.push_back({a, b, thing});
}

/// Where a device was, with all that decides it within `seconds`.
Result<std::vector<PathPoint>> path_within(AnalysisPicture& picture, DeviceNumber device, Seconds seconds,
                                           const AnalysisRules& rules) {
  seconds = widened(seconds, rules.walks.bridge);
  const auto fixes = picture.fixes(device, seconds);
  if (!fixes) return tl::unexpected(fixes.error());
  const auto sleeps = picture.sleeps(device, seconds);
  if (!sleeps) return tl::unexpected(sleeps.error());
  return path_of(*fixes, *sleeps, rules.tracks, rules.walks);
}

}  // namespace

Result<void> PairRows::make(AnalysisPicture& picture, const AnalysedDevice& self, std::span<const PathPoint> path) {
  if (auto found = find_chains(picture, path); !found) return found;
  std::vector<DeviceNumber> numbers;
  for (const auto& [other, seconds] : chains_) numbers.push_back(other);
  if (auto read = read_into(partners_, picture.devices(numbers)); !read) return read;
  for (const AnalysedDevice& partner : partners_) {
    if (partner.is_erased) chains_.erase(partner.number);  // its rows are not ours to change
  }
  std::erase_if(partners_, [](const AnalysedDevice& partner) { return partner.is_erased; });
  stored_contacts_ = replaced(std::move(stored_contacts_));
  if (chains_.empty()) return {};
  Seconds all;
  for (const auto& [other, seconds] : chains_) all = hull(all, seconds);
  return make_pairs(picture, self, all);
}

/// Reads contacts farther and farther about, until all chains that begin where the device moved are whole.
Result<void> PairRows::find_chains(AnalysisPicture& picture, std::span<const PathPoint> path) {
  const auto near = picture.devices_at(place_cells_near(path, moved_, rules_.walks));
  if (!near) return tl::unexpected(near.error());
  std::map<DeviceNumber, Seconds> met;
  for (const auto& [other, slice] : *near) {
    if (other == device_) continue;
    const Second from = std::max(slice * place_slice_length, moved_.from);
    const Second to = std::min((slice + 1) * place_slice_length - 1, moved_.to);
    met[other] = hull(met[other], {from, to});
  }
  const std::chrono::seconds reach = chain_reach(rules_.walks);
  Seconds read = widened(moved_, reach);
  while (true) {
    if (auto done = read_into(stored_contacts_, picture.contacts(device_, read)); !done) return done;
    chains_ = chains_about(met, stored_contacts_);
    Seconds needed = moved_;
    for (const auto& [other, seconds] : chains_) needed = hull(needed, seconds);
    if (holds(read, widened(needed, reach))) break;
    read = widened(needed, std::max(reach, std::chrono::seconds(needed.count())));
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

Result<void> PairRows::make_pairs(AnalysisPicture& picture, const AnalysedDevice& self, Seconds all) {
  const auto own = path_within(picture, device_, all, rules_);
  if (!own) return tl::unexpected(own.error());
  std::vector<OfPair<Contact>> contacts;
  std::vector<OfPair<JointWalk>> walks;
  std::vector<Seconds> runs;
  for (const AnalysedDevice& other : partners_) {
    const Seconds seconds = chains_.at(other.number);
    const auto others = path_within(picture, other.number, seconds, rules_);
    if (!others) return tl::unexpected(others.error());
    const bool is_first = std::tie(self.id, self.number) < std::tie(other.id, other.number);
    const auto& [a, path_a] = is_first ? std::tie(self.number, *own) : std::tie(other.number, *others);
    const auto& [b, path_b] = is_first ? std::tie(other.number, *others) : std::tie(self.number, *own);
    runs.clear();
    near_runs(path_a, path_b, seconds, rules_.walks, runs);
    const std::vector<Contact> found = contacts_of(runs, rules_.walks);
    append(contacts, a, b, found);
    append(walks, a, b, joint_walks_of(path_a, path_b, runs, found, rules_.tracks, rules_.walks));
  }
  auto stored_walks = picture.joint_walks(device_, all);
  if (!stored_walks) return tl::unexpected(std::move(stored_walks.error()));
  contacts_ = changes_between(std::move(stored_contacts_), std::move(contacts));
  walks_ = changes_between(replaced(*std::move(stored_walks)), std::move(walks));
  return {};
}

}  // namespace packwalk
