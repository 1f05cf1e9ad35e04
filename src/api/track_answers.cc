#include "api/track_answers.h"

#include "base/work_limits.h"
#include "core/map/line_geometry.h"

namespace packwalk {
namespace {

void write_track_members(JsonWriter& json, std::string_view device, const Track& track) {
  json.member("device", device);
  json.member("from", track.from);
  json.member("to", track.to);
  json.member("fix_count", track.fixes);
  json.member("length_m", JsonMeters{track.length_m});
  json.member("moving_seconds", track.moving.count());
}

void write_bbox(JsonWriter& json, const GeoBox& box) {
  json.array("bbox", [&] {
    for (const double edge : {box.west(), box.south(), box.east(), box.north()}) json.value(JsonDegrees{edge});
  });
}

void write_beginning(JsonWriter& json, const TrackLine& line) {
  write_track_members(json, line.device, line.track);
  json.member("cut", line.cut);
}

void write_activities(JsonWriter& json, JsonName name, const std::map<Activity, SecondsAndSteps>& sums) {
  json.object(name, [&] {
    for (const auto& [activity, sum] : sums) {
      json.begin_member_named(name_of(activity));
      json.object([&, &of_activity = sum] {
        json.member("seconds", of_activity.seconds);
        json.member("steps", of_activity.steps);
      });
    }
  });
}

}  // namespace

void write_track(JsonWriter& json, std::string_view device, const Track& track) {
  json.object([&] {
    write_track_members(json, device, track);
    write_bbox(json, track.box);
  });
}

std::string track_json(const TrackLine& line) {
  JsonWriter json;
  Pace pace;
  const auto write_fix = [&](const Fix& fix) {
    json.member("timestamp", fix.timestamp);
    json.member("lat", JsonDegrees{fix.position.latitude()});
    json.member("lon", JsonDegrees{fix.position.longitude()});
    json.member("altitude_m", JsonSaidMeters{fix.altitude});
    json.member("accuracy_m", JsonSaidMeters{fix.accuracy});
  };
  json.object([&] {
    write_beginning(json, line);
    write_bbox(json, line.track.box);
    json.array("line", [&] {
      for (const Fix& fix : line.fixes) {
        if (pace.must_end()) break;
        json.object([&] { write_fix(fix); });
      }
    });
  });
  return json.take();
}

std::string track_feature(const TrackLine& line) {
  JsonWriter json;
  json.object([&] {
    json.member("type", "Feature");
    write_bbox(json, line.track.box);
    json.begin_member("geometry");
    json.foreign([&](std::string& text) {
      using Line = LineGeometry::Line;
      LineGeometry geometry(text, crosses_antimeridian(line.fixes) ? Line::multi_line_string : Line::line_string);
      Pace pace;
      for (const Fix& fix : line.fixes) {
        if (pace.must_end()) break;
        geometry.add(fix);
      }
      geometry.end();
    });
    json.object("properties", [&] { write_beginning(json, line); });
  });
  return json.take();
}

void write_sums(JsonWriter& json, const PeriodSums& sums) {
  write_activities(json, "in_track", sums.in_track);
  write_activities(json, "off_track", sums.off_track);
  const SecondsAndSteps active = sums.active();
  json.member("active_seconds", active.seconds);
  json.member("active_steps", active.steps);
  json.member("track_count", sums.tracks);
  json.member("length_m", JsonMeters{sums.length_m});
  json.member("moving_seconds", sums.moving.count());
}

}  // namespace packwalk
