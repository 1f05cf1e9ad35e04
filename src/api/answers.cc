#include "api/answers.h"

#include <algorithm>

#include "base/base64.h"
#include "base/text.h"
#include "base/time_text.h"
#include "core/map/gpx.h"
#include "core/map/line_geometry.h"

namespace packwalk {
namespace {

void append_device(std::string& json, std::string_view device) {
  json.append("{\"device\":\"").append(device).push_back('"');  // an id needs no escapes
}

void append_state_of_fix(std::string& json, const NamedFix& named, ServerTime now) {
  const Fix& fix = named.fix;
  append_told_meters(json, "accuracy", fix.accuracy);
  append_member(json, "status", std::int64_t{fix.status});
  append_member(json, "received_at", microseconds_since_1970(fix.received_at));
  const std::chrono::seconds age = std::chrono::floor<std::chrono::seconds>(now) - fix.timestamp;
  append_member(json, "age", std::max<std::int64_t>(age.count(), 0));  // its clock may be ahead
  if (named.is_outlier) json.append(",\"outlier\":").append(*named.is_outlier ? "true" : "false");
}

void append_time_or_null(std::string& json, std::string_view name, const std::optional<ServerTime>& time) {
  if (time) {
    append_member(json, name, microseconds_since_1970(*time));
  } else {
    json.append(",\"").append(name).append("\":null");
  }
}

}  // namespace

void append_told_meters(std::string& json, std::string_view name, MaybeMeters meters) {
  json.append(",\"").append(name).append("\":");
  if (meters.known()) {
    append_told_meters(json, meters.value_or(0));
  } else {
    json.append("null");
  }
}

void append_position(std::string& json, const NamedFix& named, ServerTime now) {
  const Fix& fix = named.fix;
  append_device(json, named.device);
  append_member(json, "timestamp", seconds_since_1970(fix.timestamp));
  append_degrees(json, "lat", fix.position.latitude());
  append_degrees(json, "lon", fix.position.longitude());
  append_told_meters(json, "altitude", fix.altitude);
  append_state_of_fix(json, named, now);
  json.push_back('}');
}

void append_feature(std::string& json, const NamedFix& named, ServerTime now) {
  const Fix& fix = named.fix;
  json.append(R"({"type":"Feature","geometry":{"type":"Point","coordinates":)");
  append_coordinates(json, fix.position, fix.altitude);
  json.append("},\"properties\":");
  append_device(json, named.device);
  append_member(json, "timestamp", seconds_since_1970(fix.timestamp));
  append_state_of_fix(json, named, now);
  json.append("}}");
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

void append_message(std::string& json, const StoredMessage& message) {
  json.append("{\"verdict\":\"").append(name_of(message.verdict)).append("\",\"reason\":");
  if (message.reason.empty()) {
    json.append("null");
  } else {
    append_json_string(json, message.reason);
  }
  std::array<char, 20> hash{};
  std::snprintf(hash.data(), hash.size(), "%016llx", static_cast<unsigned long long>(message.hash));
  json.append(",\"hash\":\"").append(hash.data()).append("\"");
  append_member(json, "received_at", microseconds_since_1970(message.received_at));
  json.append(",\"transport\":\"").append(name_of(message.transport)).append("\",\"content\":\"");
  append_base64(json, message.content);
  json.append("\"}");
}

std::string device_json(const RegisteredDevice& device, const CurrentState& state, ServerTime now) {
  std::string json;
  append_device(json, device.id.text());
  append_member(json, "number", device.number.value);
  append_member(json, "created_at", microseconds_since_1970(device.created_at));
  append_time_or_null(json, "removed_at", device.removed_at);
  append_time_or_null(json, "last_seen", state.last_seen);
  if (state.status) {
    append_member(json, "status", std::int64_t{state.status->status});
    append_member(json, "status_timestamp", seconds_since_1970(state.status->timestamp));
  } else {
    json.append(",\"status\":null,\"status_timestamp\":null");
  }
  json.append(",\"position\":");
  if (state.last_fix) {
    append_position(json, {device.id.text(), *state.last_fix}, now);
  } else {
    json.append("null");
  }
  const MessageCounts& counts = state.counts;
  json.append(",\"messages\":{\"accepted\":");
  append_number(json, counts.accepted());
  append_member(json, "duplicate", counts.duplicates);
  append_member(json, "conflict", counts.conflicts);
  append_member(json, "invalid", counts.invalid);
  json.push_back('}');
  append_member(json, "fixes", counts.fixes);
  append_member(json, "samples", counts.samples);
  json.push_back('}');
  return json;
}

ListWriter::ListWriter(AnswerForm form, std::string_view name) {
  if (form == AnswerForm::geojson) {
    text_ = R"({"type":"FeatureCollection","features":[)";
  } else {
    text_.append("{\"").append(name).append("\":[");
  }
}

std::string& ListWriter::next_item() {
  if (!empty_) text_.push_back(',');
  empty_ = false;
  return text_;
}

std::string ListWriter::finish(std::string_view cursor) {
  text_.append("],\"next\":");
  if (cursor.empty()) {
    text_.append("null}");
  } else {
    append_json_string(text_, cursor);
    text_.push_back('}');
  }
  return std::move(text_);
}

std::string_view media_type_of(AnswerForm form) {
  switch (form) {
    case AnswerForm::json:
      return "application/json";
    case AnswerForm::geojson:
      return "application/geo+json";
    case AnswerForm::gpx:
      return "application/gpx+xml";
  }
  return "";
}

}  // namespace packwalk
