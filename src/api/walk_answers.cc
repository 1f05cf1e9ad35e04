#include "api/walk_answers.h"

#include <algorithm>
#include <map>

#include "base/text.h"

namespace packwalk {
namespace {

// Ids need no escapes.
void append_pair(std::string& json, const OfPair<JointWalk>& walk, const IdOf& id_of) {
  json.append("{\"device_a\":\"").append(id_of(walk.a));
  json.append("\",\"device_b\":\"").append(id_of(walk.b)).append("\"");
  append_member(json, "from", walk.of.from);
  append_member(json, "to", walk.of.to);
  append_member(json, "seconds_together", walk.of.seconds_together);
}

void append_place(std::string& json, std::string_view name, const LatLon& place) {
  json.append(",\"").append(name).append("\":{");
  append_degrees(json, "lat", place.latitude());
  append_degrees(json, "lon", place.longitude());
  json.push_back('}');
}

/// device -> the seconds of its joint walks, in the order of time; those that overlap or adjoin are one. `walks` in the
/// order of time.
std::map<std::string_view, std::vector<Seconds>> intervals_of(const std::vector<OfPair<JointWalk>>& walks,
                                                              const IdOf& id_of) {
  std::map<std::string_view, std::vector<Seconds>> intervals;
  for (const OfPair<JointWalk>& walk : walks) {
    for (const DeviceNumber device : {walk.a, walk.b}) {
      std::vector<Seconds>& own = intervals[id_of(device)];
      if (own.empty() || own.back().to + 1 < walk.of.from) own.push_back({walk.of.from, walk.of.from});
      own.back().to = std::max(own.back().to, walk.of.to);
    }
  }
  return intervals;
}

void append_members(std::string& json, const FoundPackWalk& pack, const IdOf& id_of) {
  json.append(",\"members\":[");
  for (const auto& [id, intervals] : intervals_of(pack.walks, id_of)) {
    if (json.back() != '[') json.push_back(',');
    json.append("{\"device\":\"").append(id).append("\",\"intervals\":[");
    for (const Seconds& seconds : intervals) {
      if (json.back() != '[') json.push_back(',');
      json.push_back('{');
      append_member(json, "from", seconds.from);
      append_member(json, "to", seconds.to);
      json.push_back('}');
    }
    json.append("]}");
  }
  json.push_back(']');
}

}  // namespace

void append_joint_walk(std::string& json, const OfPair<JointWalk>& walk, const IdOf& id_of) {
  append_pair(json, walk, id_of);
  append_member(json, "near_seconds", walk.of.near_seconds);
  append_member(json, "contacts", walk.of.contacts);
  append_meters(json, "min_distance_m", walk.of.min_distance_m);
  append_meters(json, "mean_m", walk.of.mean_m);
  append_meters(json, "length_a_m", walk.of.length_a_m);
  append_meters(json, "length_b_m", walk.of.length_b_m);
  append_place(json, "middle_from", walk.of.middle_from);
  append_place(json, "middle_to", walk.of.middle_to);
  json.push_back('}');
}

void append_pack_walk(std::string& json, const FoundPackWalk& pack, const IdOf& id_of) {
  const JointWalk& first = pack.walks.front().of;
  Second last = first.to;
  for (const OfPair<JointWalk>& walk : pack.walks) last = std::max(last, walk.of.to);
  json.push_back('{');
  append_member(json, "from", first.from);
  append_member(json, "to", last);
  append_place(json, "place", first.middle_from);
  append_members(json, pack, id_of);
  json.append(",\"joint_walks\":[");
  for (const OfPair<JointWalk>& walk : pack.walks) {
    if (json.back() != '[') json.push_back(',');
    append_pair(json, walk, id_of);
    json.push_back('}');
  }
  json.append("],\"cut\":").append(pack.cut ? "true" : "false").append("}");
}

void append_companion(std::string& json, const Companion& companion, const IdOf& id_of) {
  json.append("{\"device\":\"").append(id_of(companion.device)).append("\"");
  append_member(json, "joint_walks", companion.joint_walks);
  append_member(json, "seconds_together", companion.seconds_together);
  append_member(json, "last", companion.last);
  json.push_back('}');
}

}  // namespace packwalk
