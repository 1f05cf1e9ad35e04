#include "api/fix_answers.h"

#include <algorithm>

#include "core/map/gpx.h"
#include "core/map/line_geometry.h"

namespace packwalk {
namespace {

void write_state_of_fix(JsonWriter& json, const NamedFix& named, ServerTime now) {
  const Fix& fix = named.fix;
  json.member("accuracy_m", JsonSaidMeters{fix.accuracy});
  json.member("status", fix.status);
  json.member("received_at", fix.received_at);
  const std::chrono::seconds age = std::chrono::floor<std::chrono::seconds>(now) - fix.timestamp;
  json.member("age_seconds", std::max<std::int64_t>(age.count(), 0));  // its clock may be ahead
  if (named.is_outlier) json.member("outlier", *named.is_outlier);
}

}  // namespace

void write_position(JsonWriter& json, const NamedFix& named, ServerTime now) {
  const Fix& fix = named.fix;
  json.object([&] {
    json.member("device", named.device);
    json.member("timestamp", fix.timestamp);
    json.member("lat", JsonDegrees{fix.position.latitude()});
    json.member("lon", JsonDegrees{fix.position.longitude()});
    json.member("altitude_m", JsonSaidMeters{fix.altitude});
    write_state_of_fix(json, named, now);
  });
}

void write_feature(JsonWriter& json, const NamedFix& named, ServerTime now) {
  const Fix& fix = named.fix;
  json.object([&] {
    json.member("type", "Feature");
    json.object("geometry", [&] {
      json.member("type", "Point");
      json.begin_member("coordinates");
      json.foreign([&](std::string& text) { append_coordinates(text, fix.position, fix.altitude); });
    });
    json.object("properties", [&] {
      json.member("device", named.device);
      json.member("timestamp", fix.timestamp);
      write_state_of_fix(json, named, now);
    });
  });
}

std::string gpx_of(std::string_view device, std::span<const MarkedFix> fixes, std::optional<std::chrono::seconds> gap,
                   bool more) {
  std::string xml = gpx_beginning;
  if (more) xml.append("<metadata><desc>Later fixes are left out: ask with from= and to=.</desc></metadata>\n");
  GpxTrack track(xml, device, gap);
  for (const MarkedFix& each : fixes) track.add(each.fix, each.is_outlier);
  track.end();
  return xml.append(gpx_end);
}

}  // namespace packwalk
