#include "town/town_text.h"

#include <array>
#include <charconv>

#include "base/json_writer.h"
#include "base/text.h"
#include "base/time_text.h"
#include "core/packet/json_form.h"

namespace packwalk::town {
namespace {

void append_fixed(std::string& text, double value, int decimals) {
  std::array<char, 64> buffer{};
  const auto [end, error] =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
  text.append(buffer.data(), end);
}

void append_column(std::string& text, std::int64_t value) {
  text.push_back(',');
  append_number(text, value);
}
void append_column(std::string& text, DeviceTime time) {
  text.push_back(',');
  append_iso(text, time);
}

}  // namespace

void append_csv(std::string& text, const std::string& device, const TrackPacket& packet) {
  text += device;
  append_column(text, packet.timestamp);
  text.push_back(',');
  append_fixed(text, packet.position.latitude(), 7);
  text.push_back(',');
  append_fixed(text, packet.position.longitude(), 7);
  append_column(text, static_cast<std::int64_t>(packet.altitude.value_or(0)));
  append_column(text, static_cast<std::int64_t>(packet.accuracy.value_or(0)));
  text.push_back('\n');
}

void append_csv(std::string& text, const std::string& device, const ActivityPacket& packet) {
  text += device;
  append_column(text, packet.timestamp);
  append_column(text, packet.status);
  text.push_back(',');
  text += name_of(packet.activity);
  append_column(text, packet.steps);
  text.push_back('\n');
}

std::string truth_csv(const Town& town, const std::vector<Company>& walks) {
  std::string text = truth_header;
  for (const Company& walk : walks) {
    text += town.device_id(walk.a) + ',' + town.device_id(walk.b);
    append_column(text, walk.from);
    append_column(text, walk.to);
    text.push_back('\n');
  }
  return text;
}

void append_ndjson(std::string& text, const std::string& device, const Upload& upload) {
  JsonWriter json;
  json.begin_object();
  json.member("send_at", upload.send_time);
  json.member("device", device);
  json.array("packets", [&] {
    for (const Packet& packet : upload.packets) {
      json.foreign(
          [&](std::string& value) { value += std::visit([](const auto& one) { return encode_json(one); }, packet); });
    }
  });
  json.end_object();
  json.new_line();
  text += json.take();
}

}  // namespace packwalk::town
