#include "core/map/line_geometry.h"

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "base/text.h"

namespace packwalk {
namespace {

void append_coordinates(std::string& text, double longitude, double latitude, MaybeMeters altitude) {
  text.push_back('[');
  append_degrees(text, longitude);
  text.push_back(',');
  append_degrees(text, latitude);
  if (altitude.known()) {
    text.push_back(',');
    append_told_meters(text, altitude.value_or(0));
  }
  text.push_back(']');
}

/// The beginning of a geometry, up to its coordinates.
void begin_geometry(std::string& text, std::string_view type) {
  JsonWriter json;
  json.begin_object();
  json.member("type", type);
  json.begin_member("coordinates");
  text.append(json.take());
}

bool is_across_antimeridian(const LatLon& from, const LatLon& to) {
  return std::abs(to.longitude() - from.longitude()) > 180;
}

}  // namespace

void append_coordinates(std::string& text, const LatLon& position, MaybeMeters altitude) {
  append_coordinates(text, position.longitude(), position.latitude(), altitude);
}

bool crosses_antimeridian(std::span<const Fix> fixes) {
  const auto across = [](const Fix& a, const Fix& b) { return is_across_antimeridian(a.position, b.position); };
  return std::adjacent_find(fixes.begin(), fixes.end(), across) != fixes.end();
}

void LineGeometry::add(const Fix& fix) {
  if (fixes_ == 1) {
    begin_geometry(text_, is_multi_ ? "MultiLineString" : "LineString");
    text_.append(is_multi_ ? "[[" : "[");
    append_coordinates(text_, last_, last_altitude_);
  }
  if (fixes_ > 0) {
    if (is_multi_ && is_across_antimeridian(last_, fix.position)) cut_before(fix.position);
    text_.push_back(',');
    append_coordinates(text_, fix.position, fix.altitude);
  }
  last_ = fix.position;
  last_altitude_ = fix.altitude;
  ++fixes_;
}

void LineGeometry::end() {
  if (fixes_ == 0) {
    text_.append("null");
  } else if (fixes_ == 1) {
    begin_geometry(text_, "Point");
    append_coordinates(text_, last_, last_altitude_);
    text_.push_back('}');
  } else {
    text_.append(is_multi_ ? "]]}" : "]}");
  }
}

/// Cuts the line where its short way crosses the antimeridian.
void LineGeometry::cut_before(const LatLon& next) {
  const double edge = last_.longitude() > 0 ? 180 : -180;
  const double there = next.longitude() + 2 * edge;
  const double share = there == last_.longitude() ? 0 : (edge - last_.longitude()) / (there - last_.longitude());
  const double latitude = last_.latitude() + share * (next.latitude() - last_.latitude());
  text_.push_back(',');
  append_coordinates(text_, edge, latitude, {});
  text_.append("],[");
  append_coordinates(text_, -edge, latitude, {});
}

}  // namespace packwalk
