#include "api/track_answers.h"

#include "base/text.h"
#include "base/work_limits.h"
#include "core/map/line_geometry.h"

namespace packwalk {
namespace {

void append_track_members(std::string& json, const Track& track) {
  append_member(json, "from", seconds_since_1970(track.from));
  append_member(json, "to", seconds_since_1970(track.to));
  append_member(json, "fixes", track.fixes);
  append_meters(json, "length_m", track.length_m);
  append_member(json, "moving_seconds", std::int64_t{track.moving.count()});
}

void append_bbox(std::string& json, const GeoBox& box) {
  json.append(",\"bbox\":[");
  for (const double edge : {box.west(), box.south(), box.east(), box.north()}) {
    if (json.back() != '[') json.push_back(',');
    append_degrees(json, edge);
  }
  json.push_back(']');
}

void append_beginning(std::string& json, const TrackLine& line) {
  json.append("{\"device\":\"").append(line.device).push_back('"');  // an id needs no escapes
  append_track_members(json, line.track);
  json.append(",\"cut\":").append(line.cut ? "true" : "false");
}

void append_activities(std::string& json, std::string_view name, const std::map<Activity, SecondsAndSteps>& sums) {
  json.append(",\"").append(name).append("\":{");
  for (const auto& [activity, sum] : sums) {
    if (json.back() != '{') json.push_back(',');
    json.append("\"").append(name_of(activity)).append("\":{");
    append_member(json, "seconds", sum.seconds);
    append_member(json, "steps", sum.steps);
    json.push_back('}');
  }
  json.push_back('}');
}

}  // namespace

void append_track(std::string& json, const Track& track) {
  json.push_back('{');
  append_track_members(json, track);
  append_bbox(json, track.box);
  json.push_back('}');
}

std::string track_json(const TrackLine& line) {
  std::string json;
  append_beginning(json, line);
  append_bbox(json, line.track.box);
  json.append(",\"line\":[");
  Pace pace;
  for (const Fix& fix : line.fixes) {
    if (pace.must_end()) break;
    if (json.back() != '[') json.push_back(',');
    json.push_back('{');
    append_member(json, "timestamp", seconds_since_1970(fix.timestamp));
    append_degrees(json, "lat", fix.position.latitude());
    append_degrees(json, "lon", fix.position.longitude());
    append_told_meters(json, "altitude", fix.altitude);
    append_told_meters(json, "accuracy", fix.accuracy);
    json.push_back('}');
  }
  return json.append("]}");
}

std::string track_feature(const TrackLine& line) {
  std::string json = R"({"type":"Feature")";
  append_bbox(json, line.track.box);
  json.append(",\"geometry\":");
  using Line = LineGeometry::Line;
  LineGeometry geometry(json, crosses_antimeridian(line.fixes) ? Line::multi_line_string : Line::line_string);
  Pace pace;
  for (const Fix& fix : line.fixes) {
    if (pace.must_end()) break;
    geometry.add(fix);
  }
  geometry.end();
  json.append(",\"properties\":");
  append_beginning(json, line);
  return json.append("}}");
}

void append_sums(std::string& json, const PeriodSums& sums) {
  append_activities(json, "in_track", sums.in_track);
  append_activities(json, "off_track", sums.off_track);
  const SecondsAndSteps active = sums.active();
  append_member(json, "active_seconds", active.seconds);
  append_member(json, "active_steps", active.steps);
  append_member(json, "tracks", sums.tracks);
  append_meters(json, "length_m", sums.length_m);
  append_member(json, "moving_seconds", std::int64_t{sums.moving.count()});
}

}  // namespace packwalk
