#include "packwalk/commands/export_rows.h"

#include "base/base64.h"
#include "base/hexadecimal.h"
#include "base/json_writer.h"
#include "base/text.h"
#include "base/time_text.h"

namespace packwalk {
namespace {

/// A line of CSV, cell by cell.
class CsvLine {
 public:
  CsvLine(std::string& text, std::string_view device) : text_(text) { text_.append(device); }
  CsvLine(const CsvLine&) = delete;
  CsvLine& operator=(const CsvLine&) = delete;
  ~CsvLine() { text_.push_back('\n'); }

  CsvLine& number(std::int64_t value) {
    text_.push_back(',');
    append_number(text_, value);
    return *this;
  }
  CsvLine& degrees(double value) {
    text_.push_back(',');
    append_degrees(text_, value);
    return *this;
  }
  CsvLine& place(const LatLon& place) { return degrees(place.latitude()).degrees(place.longitude()); }
  CsvLine& meters(double value) {
    text_.push_back(',');
    append_meters(text_, value);
    return *this;
  }
  CsvLine& told(MaybeMeters value) {
    text_.push_back(',');
    if (value.known()) append_told_meters(text_, value.value_or(0));
    return *this;
  }
  template <class Time>
  CsvLine& time(Time time) {
    text_.push_back(',');
    append_iso(text_, time);
    return *this;
  }
  /// A cell that needs no quotes.
  CsvLine& word(std::string_view word) {
    text_.append(",").append(word);
    return *this;
  }
  /// RFC 4180.
  CsvLine& quoted(std::string_view words) {
    if (words.find_first_of("\",\r\n") == std::string_view::npos) return word(words);
    text_.append(",\"");
    for (const char c : words) text_.append(c == '"' ? 2 : 1, c);
    text_.push_back('"');
    return *this;
  }
  CsvLine& base64(std::string_view bytes) {
    text_.push_back(',');
    append_base64(text_, bytes);
    return *this;
  }

 private:
  std::string& text_;
};

/// A position as GeoJSON.
void write_coordinates(JsonWriter& json, const LatLon& position, MaybeMeters altitude) {
  json.foreign([&](std::string& text) { append_coordinates(text, position, altitude); });
}

void write_known(JsonWriter& json, JsonName name, MaybeMeters meters) {
  if (meters.known()) json.member(name, JsonSaidMeters{meters});
}

}  // namespace

void append_csv(std::string& text, std::string_view device, const StoredMessage& message) {
  const auto hash = hexadecimal(message.hash);
  CsvLine(text, device)
      .time(message.received_at)
      .number(std::int64_t{message.ordinal})
      .word(name_of(message.transport))
      .word(name_of(message.verdict))
      .quoted(message.reason)
      .word({hash.data(), hash.size()})
      .base64(message.content);
}

void append_csv(std::string& text, std::string_view device, const MarkedFix& marked) {
  const Fix& fix = marked.fix;
  CsvLine(text, device)
      .time(fix.timestamp)
      .place(fix.position)
      .told(fix.altitude)
      .told(fix.accuracy)
      .number(std::int64_t{fix.status})
      .time(fix.received_at)
      .number(std::int64_t{marked.is_outlier ? 1 : 0});
}

void append_csv(std::string& text, std::string_view device, const Sample& sample) {
  CsvLine(text, device)
      .time(sample.timestamp)
      .word(name_of(sample.activity))
      .number(std::int64_t{sample.steps})
      .number(std::int64_t{sample.status})
      .time(sample.received_at);
}

void append_csv(std::string& text, std::string_view device, const Track& track) {
  CsvLine(text, device)
      .time(track.from)
      .time(track.to)
      .number(track.fixes)
      .meters(track.length_m)
      .number(std::int64_t{track.moving.count()})
      .degrees(track.box.west())
      .degrees(track.box.south())
      .degrees(track.box.east())
      .degrees(track.box.north());
}

void append_csv(std::string& text, std::string_view device, const ActivitySum& sum) {
  CsvLine(text, device)
      .time(sum.key.bucket)
      .time(sum.key.bucket + activity_bucket_length - std::chrono::seconds(1))
      .word(name_of(sum.key.activity))
      .number(std::int64_t{sum.key.in_track ? 1 : 0})
      .number(sum.seconds)
      .number(sum.steps);
}

void append_csv(std::string& text, const NamedWalk& named) {
  const JointWalk& walk = named.walk;
  CsvLine(text, named.device_a)
      .word(named.device_b)
      .time(device_time(walk.from))
      .time(device_time(walk.to))
      .number(walk.seconds_together)
      .number(walk.near_seconds)
      .number(walk.contacts)
      .meters(walk.min_distance_m)
      .meters(walk.mean_distance_m)
      .meters(walk.length_a_m)
      .meters(walk.length_b_m)
      .place(walk.start_position)
      .place(walk.end_position);
}

void append_feature(std::string& text, std::string_view device, const MarkedFix& marked) {
  const Fix& fix = marked.fix;
  JsonWriter json;
  json.object([&] {
    json.member("type", "Feature");
    json.object("geometry", [&] {
      json.member("type", "Point");
      json.begin_member("coordinates");
      write_coordinates(json, fix.position, fix.altitude);
    });
    json.object("properties", [&] {
      json.member("device", device);
      json.member("timestamp", fix.timestamp);
      write_known(json, "accuracy_m", fix.accuracy);
      json.member("status", fix.status);
      json.member("received_at", fix.received_at);
      json.member("outlier", marked.is_outlier);
    });
  });
  text.append(json.take());
}

void append_feature(std::string& text, const NamedWalk& named) {
  const JointWalk& walk = named.walk;
  JsonWriter json;
  json.object([&] {
    json.member("type", "Feature");
    json.object("geometry", [&] {
      json.member("type", "MultiPoint");
      json.array("coordinates", [&] {
        write_coordinates(json, walk.start_position, {});
        write_coordinates(json, walk.end_position, {});
      });
    });
    json.object("properties", [&] {
      json.member("device_a", named.device_a);
      json.member("device_b", named.device_b);
      json.member("from", device_time(walk.from));
      json.member("to", device_time(walk.to));
      json.member("together_seconds", walk.seconds_together);
      json.member("near_seconds", walk.near_seconds);
      json.member("contact_count", walk.contacts);
      json.member("min_distance_m", JsonMeters{walk.min_distance_m});
      json.member("mean_distance_m", JsonMeters{walk.mean_distance_m});
      json.member("length_a_m", JsonMeters{walk.length_a_m});
      json.member("length_b_m", JsonMeters{walk.length_b_m});
    });
  });
  text.append(json.take());
}

TrackFeature::TrackFeature(std::string& text, std::string_view device, const Track& track)
    : text_(text), device_(device), track_(track), geometry_(text) {
  json_.begin_object();
  json_.member("type", "Feature");
  json_.array("bbox", [&] {
    for (const double edge : {track.box.west(), track.box.south(), track.box.east(), track.box.north()}) {
      json_.value(JsonDegrees{edge});
    }
  });
  json_.begin_member("geometry");
  text_.append(json_.take());
}

void TrackFeature::end() {
  geometry_.end();
  json_.foreign([](std::string&) {});  // the geometry, which is in the text already
  json_.object("properties", [&] {
    json_.member("device", device_);
    json_.member("from", track_.from);
    json_.member("to", track_.to);
    json_.member("fix_count", track_.fixes);
    json_.member("length_m", JsonMeters{track_.length_m});
    json_.member("moving_seconds", track_.moving.count());
  });
  json_.end_object();
  text_.append(json_.take());
}

}  // namespace packwalk
