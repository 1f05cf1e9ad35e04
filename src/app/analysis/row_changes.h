// The differences between stored and found rows.
#pragma once

#include <algorithm>
#include <cassert>
#include <iterator>
#include <tuple>
#include <utility>
#include <vector>

#include "base/order.h"
#include "ports/analysis_store.h"

namespace packwalk {

/// The key of a row.
inline DeviceTime key_of(const Track& track) { return track.from; }
inline DeviceTime key_of(const TrackState& state) { return state.to; }
inline ActivityKey key_of(const ActivitySum& sum) { return sum.key; }
inline PlaceCell key_of(const PlaceCell& cell) { return cell; }
inline auto key_of(const OfPair<ChainState>& state) { return std::tuple(state.a, state.b, state.of.to); }
template <class Thing>
auto key_of(const OfPair<Thing>& thing) {
  return std::tuple(thing.a, thing.b, thing.of.from);
}

/// Both may be in any order, but must not have a key twice.
template <class Row>
RowChanges<Row> changes_between(std::vector<Row> stored, std::vector<Row> found) {
  const auto by_key = [](const Row& a, const Row& b) { return key_of(a) < key_of(b); };
  std::sort(stored.begin(), stored.end(), by_key);
  std::sort(found.begin(), found.end(), by_key);
  assert(is_strictly_increasing(found, [](const Row& row) { return key_of(row); }));
  RowChanges<Row> changes;
  std::set_difference(stored.begin(), stored.end(), found.begin(), found.end(), std::back_inserter(changes.gone),
                      by_key);
  auto old = stored.begin();
  for (Row& row : found) {
    while (old != stored.end() && by_key(*old, row)) ++old;
    if (old == stored.end() || !(*old == row)) changes.put.push_back(std::move(row));
  }
  return changes;
}

template <class T>
Result<void> read_into(T& target, Result<T> result) {
  if (!result) return result.failure();
  target = *std::move(result);
  return {};
}

}  // namespace packwalk
