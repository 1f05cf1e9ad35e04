// Joint walks, pack walks and companions as JSON.
#pragma once

#include <functional>
#include <string_view>

#include "app/questions/find_pack_walks.h"
#include "base/json_writer.h"
#include "ports/query_store.h"

namespace packwalk {

/// The id of a device in a row.
using IdOf = std::function<std::string_view(DeviceNumber)>;

/// {"device_a", "device_b", "from", "to", "together_seconds", "near_seconds", "contact_count", "min_distance_m",
/// "mean_distance_m", "length_a_m", "length_b_m", "start_position": {"lat", "lon"}, "end_position"}
void write_joint_walk(JsonWriter& json, const OfPair<JointWalk>& walk, const IdOf& id_of);

/// {"from", "to", "start_position": {"lat", "lon"}, "members": [{"device", "intervals": [{"from", "to"}]}],
/// "joint_walks": [{"device_a", "device_b", "from", "to", "together_seconds"}], "cut"}: the position is where the first
/// of its joint walks began; a member's intervals are the seconds of its joint walks, those that overlap together;
/// members by id.
void write_pack_walk(JsonWriter& json, const FoundPackWalk& pack, const IdOf& id_of);

/// {"device", "from", "to", "joint_walk_count", "together_seconds"}
void write_companion(JsonWriter& json, const Companion& companion, const IdOf& id_of);

}  // namespace packwalk
