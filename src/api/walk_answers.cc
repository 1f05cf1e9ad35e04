#include "api/walk_answers.h"

#include <algorithm>
#include <map>

namespace packwalk {
namespace {

void write_pair(JsonWriter& json, const OfPair<JointWalk>& walk, const IdOf& id_of) {
  json.member("device_a", id_of(walk.a));
  json.member("device_b", id_of(walk.b));
  json.member("from", device_time(walk.of.from));
  json.member("to", device_time(walk.of.to));
  json.member("together_seconds", walk.of.seconds_together);
}

void write_position(JsonWriter& json, JsonName name, const LatLon& place) {
  json.object(name, [&] {
    json.member("lat", JsonDegrees{place.latitude()});
    json.member("lon", JsonDegrees{place.longitude()});
  });
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

void write_member(JsonWriter& json, std::string_view id, const std::vector<Seconds>& intervals) {
  json.object([&] {
    json.member("device", id);
    json.array("intervals", [&] {
      for (const Seconds& seconds : intervals) {
        json.object([&] {
          json.member("from", device_time(seconds.from));
          json.member("to", device_time(seconds.to));
        });
      }
    });
  });
}

}  // namespace

void write_joint_walk(JsonWriter& json, const OfPair<JointWalk>& walk, const IdOf& id_of) {
  json.object([&] {
    write_pair(json, walk, id_of);
    json.member("near_seconds", walk.of.near_seconds);
    json.member("contact_count", walk.of.contacts);
    json.member("min_distance_m", JsonMeters{walk.of.min_distance_m});
    json.member("mean_distance_m", JsonMeters{walk.of.mean_distance_m});
    json.member("length_a_m", JsonMeters{walk.of.length_a_m});
    json.member("length_b_m", JsonMeters{walk.of.length_b_m});
    write_position(json, "start_position", walk.of.start_position);
    write_position(json, "end_position", walk.of.end_position);
  });
}

void write_pack_walk(JsonWriter& json, const FoundPackWalk& pack, const IdOf& id_of) {
  const JointWalk& first = pack.walks.front().of;
  Second last = first.to;
  for (const OfPair<JointWalk>& walk : pack.walks) last = std::max(last, walk.of.to);
  json.object([&] {
    json.member("from", device_time(first.from));
    json.member("to", device_time(last));
    write_position(json, "start_position", first.start_position);
    json.array("members", [&] {
      for (const auto& [id, intervals] : intervals_of(pack.walks, id_of)) write_member(json, id, intervals);
    });
    json.array("joint_walks", [&] {
      for (const OfPair<JointWalk>& walk : pack.walks) {
        json.object([&] { write_pair(json, walk, id_of); });
      }
    });
    json.member("cut", pack.cut);
  });
}

void write_companion(JsonWriter& json, const Companion& companion, const IdOf& id_of) {
  json.object([&] {
    json.member("device", id_of(companion.device));
    json.member("from", device_time(companion.from));
    json.member("to", device_time(companion.to));
    json.member("joint_walk_count", companion.joint_walks);
    json.member("together_seconds", companion.seconds_together);
  });
}

}  // namespace packwalk
