// The cells of rows that analysis writes.
#pragma once

#include <string>
#include <type_traits>
#include <vector>

#include "adapters/sql/sql_rows.h"
#include "adapters/sql/state_bytes.h"
#include "ports/analysis_store.h"

namespace packwalk::sql {

inline void append_key(std::vector<Value>& cells, DeviceNumber device, const Track& track) {
  cells.insert(cells.end(), {cell(device), cell(track.from)});
}
inline void append_row(std::vector<Value>& cells, const Track& track) {
  cells.insert(cells.end(),
               {cell(track.to), cell(track.fixes), cell(track.length_m), cell(track.moving.count()),
                cell(track.box.west()), cell(track.box.south()), cell(track.box.east()), cell(track.box.north())});
}

inline void append_key(std::vector<Value>& cells, DeviceNumber device, const TrackState& state) {
  cells.insert(cells.end(), {cell(device), cell(state.to)});
}

inline void append_key(std::vector<Value>& cells, DeviceNumber device, const ActivitySum& sum) {
  cells.insert(cells.end(), {cell(device), cell(sum.key.bucket), cell(static_cast<std::uint8_t>(sum.key.activity)),
                             cell(std::int64_t{sum.key.in_track ? 1 : 0})});
}
inline void append_row(std::vector<Value>& cells, const ActivitySum& sum) {
  cells.insert(cells.end(), {cell(sum.seconds), cell(sum.steps)});
}

inline void append_key(std::vector<Value>& cells, DeviceNumber device, const PlaceCell& place) {
  cells.insert(cells.end(), {cell(place.slice), cell(place.cell), cell(device)});
}

inline void append_key(std::vector<Value>& cells, DeviceNumber, const OfPair<ChainState>& state) {
  cells.insert(cells.end(), {cell(state.a), cell(state.b), cell(state.of.to)});
}
template <class Thing>
void append_key(std::vector<Value>& cells, DeviceNumber, const OfPair<Thing>& thing) {
  cells.insert(cells.end(), {cell(thing.a), cell(thing.b), cell(thing.of.from)});
}
inline void append_row(std::vector<Value>& cells, const OfPair<Contact>& contact) {
  cells.insert(cells.end(), {cell(contact.of.to), cell(contact.of.near_seconds)});
}
inline void append_row(std::vector<Value>& cells, const OfPair<JointWalk>& joint) {
  const JointWalk& walk = joint.of;
  cells.insert(cells.end(),
               {cell(walk.to), cell(walk.near_seconds), cell(walk.seconds_together), cell(walk.contacts),
                cell(walk.min_distance_m), cell(walk.mean_distance_m), cell(walk.length_a_m), cell(walk.length_b_m),
                cell(walk.start_position.latitude()), cell(walk.start_position.longitude()),
                cell(walk.end_position.latitude()), cell(walk.end_position.longitude())});
}

template <class Thing>
std::vector<Value> keys_of(DeviceNumber device, const std::vector<Thing>& rows) {
  std::vector<Value> cells;
  for (const Thing& row : rows) append_key(cells, device, row);
  return cells;
}
template <class Thing>
std::vector<Value> rows_of(DeviceNumber device, const std::vector<Thing>& rows) {
  std::vector<Value> cells;
  for (const Thing& row : rows) {
    append_key(cells, device, row);
    append_row(cells, row);
  }
  return cells;
}

/// Of folds. `bytes` hold what the cells show.
template <class Thing>
std::vector<Value> rows_of_states(DeviceNumber device, const std::vector<Thing>& rows,
                                  std::vector<std::string>& bytes) {
  std::vector<Value> cells;
  bytes.reserve(rows.size());
  for (const Thing& row : rows) {
    if constexpr (std::is_same_v<Thing, TrackState>) {
      bytes.push_back(bytes_of(row));
    } else {
      bytes.push_back(bytes_of(row.of));
    }
    append_key(cells, device, row);
    cells.push_back(Blob{bytes.back()});
  }
  return cells;
}

}  // namespace packwalk::sql
