#include "replay/packet_form.h"

#include <bit>
#include <cmath>

#include "base/json_writer.h"
#include "core/packet/little_endian.h"

namespace packwalk::replay {
namespace {

void write_json(JsonWriter& json, const RawTrack& packet) {
  json.object([&] {
    json.member("type", "track");
    json.member("status", packet.status);
    json.member("timestamp", packet.seconds);
    json.member("lat", packet.latitude);
    json.member("lon", packet.longitude);
    if (packet.altitude.known()) json.member("altitude", packet.altitude.value_or(0));
    if (packet.accuracy.known()) json.member("accuracy", packet.accuracy.value_or(0));
  });
}

std::string json_array_of(std::span<const RawTrack> packets) {
  JsonWriter json;
  json.array([&] {
    for (const RawTrack& packet : packets) write_json(json, packet);
  });
  return json.take();
}

std::string json_lines_of(std::span<const RawTrack> packets) {
  std::string lines;
  for (const RawTrack& packet : packets) {
    JsonWriter json;
    write_json(json, packet);
    lines.append(json.take()).push_back('\n');
  }
  return lines;
}

void append_header(std::string& record, std::uint8_t kind, const RawTrack& packet) {
  append_little_endian(record, kind);
  append_rounded<std::uint8_t>(record, packet.status);
  append_rounded<std::int32_t>(record, std::floor(packet.seconds));
}

void append_plain(std::string& record, const RawTrack& packet) {
  append_header(record, 0x01, packet);
  append_little_endian(record, std::bit_cast<std::uint32_t>(static_cast<float>(packet.latitude)));
  append_little_endian(record, std::bit_cast<std::uint32_t>(static_cast<float>(packet.longitude)));
  append_rounded<std::int8_t>(record, packet.altitude.value_or(0));
  append_rounded<std::uint8_t>(record, packet.accuracy.value_or(0));
}

void append_wide(std::string& record, const RawTrack& packet) {
  append_header(record, 0x11, packet);
  append_rounded<std::int32_t>(record, packet.latitude * 1e7);
  append_rounded<std::int32_t>(record, packet.longitude * 1e7);
  append_rounded<std::int16_t>(record, packet.altitude.value_or(0));
  append_rounded<std::uint16_t>(record, packet.accuracy.value_or(0));
}

}  // namespace

std::optional<PacketForm> packet_form_from(std::string_view name) {
  if (name == "json") return PacketForm::json;
  if (name == "ndjson") return PacketForm::ndjson;
  if (name == "binary") return PacketForm::binary;
  if (name == "wide") return PacketForm::wide;
  return std::nullopt;
}

std::string_view media_type_of(PacketForm form) {
  switch (form) {
    case PacketForm::json:
      return "application/json";
    case PacketForm::ndjson:
      return "application/x-ndjson";
    case PacketForm::binary:
    case PacketForm::wide:
      return "application/octet-stream";
  }
  return "";
}

std::string body_of(PacketForm form, std::span<const RawTrack> packets) {
  if (form == PacketForm::json) return json_array_of(packets);
  if (form == PacketForm::ndjson) return json_lines_of(packets);
  std::string body;
  for (const RawTrack& packet : packets) {
    form == PacketForm::wide ? append_wide(body, packet) : append_plain(body, packet);
  }
  return body;
}

}  // namespace packwalk::replay
