#include "app/questions/find_pack_walks.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <set>
#include <utility>

namespace packwalk {
namespace {

using Walk = OfPair<JointWalk>;

bool is_of(const Walk& walk, DeviceNumber device) { return walk.a == device || walk.b == device; }

TimeRange range_of(Seconds seconds) { return {device_time(seconds.from), device_time(seconds.to + 1)}; }

bool touches(const JointWalk& walk, TimeRange range) {
  return walk.from < seconds_since_1970(range.until) && seconds_since_1970(range.from) <= walk.to;
}

/// The cost of a page so far.
struct Cost {
  std::size_t walks = 0;
  std::size_t questions = 0;

  bool reaches(const PackWalkBounds& bounds) const {
    return walks >= bounds.page_walks_max || questions >= bounds.page_questions_max;
  }
};

/// Follows one joint walk to all joint walks of its pack walk.
class Follower {
 public:
  Follower(QueryStore& store, const PackWalkBounds& bounds, Cost& cost) : store_(store), bounds_(bounds), cost_(cost) {}

  Result<FoundPackWalk> follow(const Walk& first) {
    know(first);
    while (!pending_.empty() && !cut_) {
      const auto [device, seconds] = pending_.back();
      pending_.pop_back();
      if (auto asked = ask(device, widened(device, seconds)); !asked) return asked.failure();
    }
    FoundPackWalk found{.walks = {}, .cut = cut_};
    for (const auto& [cursor, walk] : known_) found.walks.push_back(walk);
    return found;
  }

 private:
  void know(const Walk& walk) {
    if (!known_.emplace(cursor_of(walk), walk).second) return;
    const Seconds seconds{walk.of.from, walk.of.to};
    for (const DeviceNumber device : {walk.a, walk.b}) {
      of_device_[device].push_back(seconds);
      pending_.emplace_back(device, seconds);
    }
  }

  /// Extends the range by all known walks of the device that touch it, so that one query answers many.
  Seconds widened(DeviceNumber device, Seconds seconds) {
    for (bool grew = true; grew;) {
      grew = false;
      for (const Seconds each : of_device_[device]) {
        if (each.to < seconds.from || seconds.to < each.from) continue;
        const Seconds both{std::min(each.from, seconds.from), std::max(each.to, seconds.to)};
        grew = grew || both != seconds;
        seconds = both;
      }
    }
    return seconds;
  }

  Result<void> ask(DeviceNumber device, Seconds seconds) {
    auto& asked = asked_[device];
    const bool known = std::any_of(asked.begin(), asked.end(),
                                   [&](Seconds each) { return each.from <= seconds.from && seconds.to <= each.to; });
    if (known) return {};
    asked.push_back(seconds);
    ++cost_.questions;
    // One more than the free room, plus the known ones, which may be returned again.
    auto found = store_.joint_walks(device, range_of(seconds), {}, bounds_.walks_max + 1);
    if (!found) return found.failure();
    cost_.walks += found->size();
    for (const Walk& walk : *found) {
      cut_ = known_.size() == bounds_.walks_max && !known_.contains(cursor_of(walk));
      if (cut_) break;
      know(walk);
    }
    return {};
  }

  QueryStore& store_;
  const PackWalkBounds& bounds_;
  Cost& cost_;
  std::map<WalkCursor, Walk> known_;
  std::map<DeviceNumber, std::vector<Seconds>> of_device_;
  std::map<DeviceNumber, std::vector<Seconds>> asked_;
  std::vector<std::pair<DeviceNumber, Seconds>> pending_;
  bool cut_ = false;
};

bool is_pack(const FoundPackWalk& found) {
  std::set<DeviceNumber> devices;
  for (const Walk& walk : found.walks) devices.insert({walk.a, walk.b});
  return devices.size() >= 3;
}

/// The first walk of the device in the pack walk that touches the range, by which the list is sorted. `found` was
/// followed from such a walk, so there is one.
WalkCursor walk_cursor_of(const FoundPackWalk& found, DeviceNumber device, TimeRange range) {
  const auto first = std::find_if(found.walks.begin(), found.walks.end(),
                                  [&](const Walk& each) { return is_of(each, device) && touches(each.of, range); });
  assert(first != found.walks.end());
  return cursor_of(*first);
}

}  // namespace

Result<PackWalkPage> find_pack_walks(QueryStore& store, const PackWalkQuery& query, const PackWalkBounds& bounds) {
  Cost cost{.questions = 1};
  // Each leads to at most one pack walk and takes at least two queries, so this many suffice for a page.
  const std::size_t own_max = bounds.page_questions_max;
  const auto own = store.joint_walks(query.device, query.range, query.after, {own_max, query.page.order});
  if (!own) return own.failure();
  PackWalkPage page;
  std::set<WalkCursor> met;
  std::map<WalkCursor, FoundPackWalk> ahead;  // backwards the first of a pack walk comes last
  for (std::size_t i = 0; i < own->size(); ++i) {
    const WalkCursor at = cursor_of((*own)[i]);
    const auto known = ahead.find(at);
    if (known == ahead.end() && met.contains(at)) continue;
    if (i > 0 && (page.pack_walks.size() == query.page.limit || cost.reaches(bounds))) {
      page.next = cursor_of((*own)[i - 1]);
      return page;
    }
    if (known != ahead.end()) {
      page.pack_walks.push_back(std::move(known->second));
      continue;
    }
    auto found = Follower(store, bounds, cost).follow((*own)[i]);
    if (!found) return found.failure();
    for (const Walk& each : found->walks) met.insert(cursor_of(each));
    if (!is_pack(*found)) continue;
    const WalkCursor cursor = walk_cursor_of(*found, query.device, query.range);
    if (cursor == at) {
      page.pack_walks.push_back(*std::move(found));
    } else if (query.page.is_backwards()) {
      ahead.emplace(cursor, *std::move(found));
    }  // else a page before had it
  }
  if (own->size() == own_max) page.next = cursor_of(own->back());
  return page;
}

}  // namespace packwalk
