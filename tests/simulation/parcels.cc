#include "tests/simulation/parcels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <ostream>

#include "core/packet/binary_form.h"
#include "core/packet/json_form.h"

namespace packwalk {
namespace {

// Quarters of an hour, the edges of one, a day later.
constexpr std::array<std::int64_t, time_count> times = {1'767'261'600, 1'767'261'601, 1'767'262'499, 1'767'262'500,
                                                        1'767'265'200, 1'767'348'000, 1'767'000'000, 1'420'070'400};

struct TrackContent {
  std::uint8_t status;
  double latitude, longitude;
  MaybeMeters altitude, accuracy;
};
const std::array<TrackContent, content_count> track_contents = {{
    {1, 48.7081, 44.5153, 40, 6},
    {2, -33.8567, 151.2153, 151, 300},          // altitude, accuracy and longitude are beyond a plain record
    {2, -33.8567, 151.21530001, 151.2, 299.9},  // the same packet
    {1, 48.7081, 44.5153, {}, {}},              //
    {1, 48.7081, 44.5153, 0, 0},                // the same packet
    {255, 89.9999999, -180, -32768, 65535},
}};

struct ActivityContent {
  std::uint8_t status;
  Activity activity;
  std::int32_t steps;
};
constexpr std::array<ActivityContent, content_count> activity_contents = {{
    {3, Activity::walk, 12},
    {3, Activity::walk, 13},
    {3, Activity::walk, 12},
    {4, Activity::sleep, 0},
    {3, Activity::trot, 12},
    {255, Activity::steps_not_measured, std::numeric_limits<std::int32_t>::max()},
}};

DeviceTime time_of(const Packet& packet) { return device_time(times.at(static_cast<std::size_t>(packet.time))); }

int rounded(double value, int least, int greatest) {
  return static_cast<int>(std::clamp(std::lround(value), static_cast<long>(least), static_cast<long>(greatest)));
}

Form form_of(const Packet& packet) {
  if (packet.kind == Kind::rubbish) return Form::json;
  if (packet.kind == Kind::activity && packet.form == Form::wide) return Form::plain;  // there is but one
  return packet.form;
}

TrackPacket track_of(const Packet& packet) {
  const TrackContent& content = track_contents.at(static_cast<std::size_t>(packet.content));
  return {content.status, time_of(packet), LatLon::from_degrees(content.latitude, content.longitude).value(),
          content.altitude, content.accuracy};
}

ActivityPacket activity_of(const Packet& packet) {
  const ActivityContent& content = activity_contents.at(static_cast<std::size_t>(packet.content));
  return {content.status, time_of(packet), content.activity, content.steps};
}

bool is_binary(Form form) { return form == Form::plain || form == Form::wide; }

template <class AnyPacket>
std::string encode(const AnyPacket& packet, Form form) {
  return is_binary(form) ? encode_binary(packet) : encode_json(packet);
}

std::string original_of(const Packet& packet) {
  switch (packet.kind) {
    case Kind::track:
      return form_of(packet) == Form::wide ? encode_wide(track_of(packet)) : encode(track_of(packet), form_of(packet));
    case Kind::activity:
      return encode(activity_of(packet), form_of(packet));
    case Kind::flaw: {
      TrackPacket too_early = track_of(packet);
      too_early.timestamp = device_time(1000);
      return encode(too_early, form_of(packet));
    }
    case Kind::heartbeat:
      return R"({"_type":"lwt"})";
    case Kind::rubbish:
      break;
  }
  return "{\"type\":";
}

float rounded_to_float(double degrees) { return static_cast<float>(std::round(degrees * 1e7) / 1e7); }

/// -180 degrees are the meridian of 180.
float with_one_date_line(double longitude) {
  const float rounded = rounded_to_float(longitude);
  return rounded == -180 ? 180 : rounded;
}

/// What is left of a fix in a form.
Fix carried(Fix fix, Form form) {
  if (!is_binary(form)) return fix;
  const double latitude = fix.position.latitude();
  const double longitude = fix.position.longitude();
  const bool wide = form == Form::wide;
  fix.position = wide
                     ? LatLon::from_degrees(std::round(latitude * 1e7) / 1e7, std::round(longitude * 1e7) / 1e7).value()
                     : LatLon::from_degrees(rounded_to_float(latitude), with_one_date_line(longitude)).value();
  fix.altitude = wide ? rounded(fix.altitude.value_or(0), -32768, 32767) : rounded(fix.altitude.value_or(0), -128, 127);
  fix.accuracy = wide ? rounded(fix.accuracy.value_or(0), 0, 65535) : rounded(fix.accuracy.value_or(0), 0, 255);
  return fix;
}

Transport transport_of(const Packet& packet) {
  if (packet.kind == Kind::heartbeat) return Transport::owntracks;
  if (is_binary(form_of(packet))) return Transport::http_binary;
  return form_of(packet) == Form::json ? Transport::http_json : Transport::http_ndjson;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Packet& packet) {
  constexpr std::array kinds = {"track", "activity", "flaw", "heartbeat", "rubbish"};
  constexpr std::array forms = {"plain", "wide", "json", "ndjson"};
  return out << kinds.at(static_cast<std::size_t>(packet.kind)) << " of device " << packet.device << " at time "
             << packet.time << " with content " << packet.content << " as "
             << forms.at(static_cast<std::size_t>(packet.form));
}

Meaning meaning_of(const Packet& packet) {
  Meaning meaning{.is_heartbeat = packet.kind == Kind::heartbeat};
  if (packet.kind == Kind::track) meaning.fix = carried(fix_from(track_of(packet), {}), form_of(packet));
  if (packet.kind == Kind::activity) meaning.sample = sample_from(activity_of(packet), {});
  return meaning;
}

Essence essence_of(const Fix& fix) {
  return {fix.status, rounded_to_float(fix.position.latitude()), with_one_date_line(fix.position.longitude()),
          rounded(fix.altitude.value_or(0), -128, 127), rounded(fix.accuracy.value_or(0), 0, 255)};
}

Essence essence_of(const Sample& sample) {
  return {sample.status, 0.0F, 0.0F, static_cast<int>(sample.activity), sample.steps};
}

DeviceNumber number_of(int device) { return DeviceNumber{device + 1}; }

bool fit_together(const Packet& a, const Packet& b) {
  const auto alone = [](const Packet& packet) {
    return packet.kind == Kind::heartbeat || packet.kind == Kind::rubbish;
  };
  return a.device == b.device && !alone(a) && !alone(b) && transport_of(a) == transport_of(b);
}

Parcel parcel_of(std::span<const Packet> packets) {
  Parcel parcel{.device = number_of(packets.front().device), .transport = transport_of(packets.front())};
  const bool is_array = parcel.transport == Transport::http_json && packets.size() > 1;
  const std::string between = parcel.transport == Transport::http_ndjson ? "\n" : is_array ? "," : "";
  for (const Packet& packet : packets) {
    const std::string original = original_of(packet);
    parcel.body += (parcel.body.empty() ? "" : between) + original;
    parcel.originals.push_back(original);
    parcel.meanings.push_back(meaning_of(packet));
  }
  if (is_array) parcel.body = "[" + parcel.body + "]";
  return parcel;
}

}  // namespace packwalk
