#include "packwalk/commands/export_rows.h"

#include <array>
#include <cstdio>

#include "base/base64.h"
#include "base/text.h"

namespace packwalk {
namespace {

/// A line of CSV, cell by cell.
class Line {
 public:
  Line(std::string& text, std::string_view device) : text_(text) { text_.append(device); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;
  ~Line() { text_.push_back('\n'); }

  Line& number(std::int64_t value) {
    text_.push_back(',');
    append_number(text_, value);
    return *this;
  }
  Line& degrees(double value) {
    text_.push_back(',');
    append_degrees(text_, value);
    return *this;
  }
  Line& place(const LatLon& place) { return degrees(place.latitude()).degrees(place.longitude()); }
  Line& meters(double value) {
    text_.push_back(',');
    append_meters(text_, value);
    return *this;
  }
  Line& told(MaybeMeters value) {
    text_.push_back(',');
    if (value.known()) append_told_meters(text_, value.value_or(0));
    return *this;
  }
  Line& time(DeviceTime time, TimeForm form = TimeForm::seconds) {
    text_.push_back(',');
    append_time(text_, time, form);
    return *this;
  }
  Line& time(ServerTime time) { return number(microseconds_since_1970(time)); }
  /// A cell that needs no quotes.
  Line& word(std::string_view word) {
    text_.append(",").append(word);
    return *this;
  }
  /// RFC 4180.
  Line& quoted(std::string_view words) {
    if (words.find_first_of("\",\r\n") == std::string_view::npos) return word(words);
    text_.append(",\"");
    for (const char c : words) text_.append(c == '"' ? 2 : 1, c);
    text_.push_back('"');
    return *this;
  }
  Line& base64(std::string_view bytes) {
    text_.push_back(',');
    append_base64(text_, bytes);
    return *this;
  }

 private:
  std::string& text_;
};

void append_properties(std::string& text, std::string_view device) {
  text.append(R"(,"properties":{"device":")").append(device).push_back('"');  // an id needs no escapes
}

void append_known(std::string& text, std::string_view name, MaybeMeters meters) {
  if (!meters.known()) return;
  text.append(",\"").append(name).append("\":");
  append_told_meters(text, meters.value_or(0));
}

}  // namespace

void append_csv(std::string& text, std::string_view device, const StoredMessage& message) {
  std::array<char, 20> hash{};
  std::snprintf(hash.data(), hash.size(), "%016llx", static_cast<unsigned long long>(message.hash));
  Line(text, device)
      .time(message.received_at)
      .number(std::int64_t{message.ordinal})
      .word(name_of(message.transport))
      .word(name_of(message.verdict))
      .quoted(message.reason)
      .word(hash.data())
      .base64(message.content);
}

void append_csv(std::string& text, std::string_view device, const MarkedFix& marked) {
  const Fix& fix = marked.fix;
  Line(text, device)
      .time(fix.timestamp)
      .place(fix.position)
      .told(fix.altitude)
      .told(fix.accuracy)
      .number(std::int64_t{fix.status})
      .time(fix.received_at)
      .number(std::int64_t{marked.is_outlier ? 1 : 0});
}

void append_csv(std::string& text, std::string_view device, const Sample& sample) {
  Line(text, device)
      .time(sample.timestamp)
      .word(name_of(sample.activity))
      .number(std::int64_t{sample.steps})
      .number(std::int64_t{sample.status})
      .time(sample.received_at);
}

void append_csv(std::string& text, std::string_view device, const Track& track, TimeForm times) {
  Line(text, device)
      .time(track.from, times)
      .time(track.to, times)
      .number(track.fixes)
      .meters(track.length_m)
      .number(std::int64_t{track.moving.count()})
      .degrees(track.box.west())
      .degrees(track.box.south())
      .degrees(track.box.east())
      .degrees(track.box.north());
}

void append_csv(std::string& text, std::string_view device, const ActivitySum& sum) {
  Line(text, device)
      .time(sum.key.bucket)
      .word(name_of(sum.key.activity))
      .number(std::int64_t{sum.key.in_track ? 1 : 0})
      .number(sum.seconds)
      .number(sum.steps);
}

void append_csv(std::string& text, std::string_view device, const SeenWalk& seen, TimeForm times) {
  const JointWalk& walk = seen.walk;
  Line(text, device)
      .word(seen.with)
      .time(device_time(walk.from), times)
      .time(device_time(walk.to), times)
      .number(walk.seconds_together)
      .number(walk.near_seconds)
      .number(walk.contacts)
      .meters(walk.min_distance_m)
      .meters(walk.mean_m)
      .meters(seen.is_first ? walk.length_a_m : walk.length_b_m)
      .meters(seen.is_first ? walk.length_b_m : walk.length_a_m)
      .place(walk.middle_from)
      .place(walk.middle_to);
}

void append_feature(std::string& text, std::string_view device, const MarkedFix& marked) {
  const Fix& fix = marked.fix;
  text.append(R"({"type":"Feature","geometry":{"type":"Point","coordinates":)");
  append_coordinates(text, fix.position, fix.altitude);
  text.push_back('}');
  append_properties(text, device);
  append_member(text, "timestamp", seconds_since_1970(fix.timestamp));
  append_known(text, "accuracy", fix.accuracy);
  append_member(text, "status", std::int64_t{fix.status});
  append_member(text, "received_at", microseconds_since_1970(fix.received_at));
  text.append(",\"outlier\":").append(marked.is_outlier ? "true" : "false").append("}}");
}

void append_feature(std::string& text, std::string_view device, const SeenWalk& seen) {
  const JointWalk& walk = seen.walk;
  text.append(R"({"type":"Feature","geometry":{"type":"MultiPoint","coordinates":[)");
  append_coordinates(text, walk.middle_from, {});
  text.push_back(',');
  append_coordinates(text, walk.middle_to, {});
  text.append("]}");
  append_properties(text, device);
  text.append(R"(,"with":")").append(seen.with).push_back('"');
  append_member(text, "from", walk.from);
  append_member(text, "to", walk.to);
  append_member(text, "seconds_together", walk.seconds_together);
  append_member(text, "near_seconds", walk.near_seconds);
  append_member(text, "contacts", walk.contacts);
  append_meters(text, "min_distance_m", walk.min_distance_m);
  append_meters(text, "mean_m", walk.mean_m);
  append_meters(text, "length_m", seen.is_first ? walk.length_a_m : walk.length_b_m);
  append_meters(text, "with_length_m", seen.is_first ? walk.length_b_m : walk.length_a_m);
  text.append("}}");
}

TrackFeature::TrackFeature(std::string& text, std::string_view device, const Track& track)
    : text_(text), device_(device), track_(track), geometry_(text) {
  text_.append(R"({"type":"Feature","bbox":[)");
  append_degrees(text_, track.box.west());
  for (const double edge : {track.box.south(), track.box.east(), track.box.north()}) {
    text_.push_back(',');
    append_degrees(text_, edge);
  }
  text_.append(R"(],"geometry":)");
}

void TrackFeature::end() {
  geometry_.end();
  append_properties(text_, device_);
  append_member(text_, "from", seconds_since_1970(track_.from));
  append_member(text_, "to", seconds_since_1970(track_.to));
  append_member(text_, "fixes", track_.fixes);
  append_meters(text_, "length_m", track_.length_m);
  append_member(text_, "moving_seconds", std::int64_t{track_.moving.count()});
  text_.append("}}");
}

}  // namespace packwalk
