#include "replay/packet_form.h"

#include <bit>
#include <cmath>

#include "base/text.h"
#include "core/packet/little_endian.h"

namespace packwalk::replay {
namespace {

void append_json(std::string& json, const RawTrack& packet) {
  json.append(R"({"type":"track","status":)");
  append_number(json, packet.status);
  append_member(json, "timestamp", packet.seconds);
  append_member(json, "lat", packet.latitude);
  append_member(json, "lon", packet.longitude);
  if (packet.altitude.known()) append_member(json, "altitude", packet.altitude.value_or(0));
  if (packet.accuracy.known()) append_member(json, "accuracy", packet.accuracy.value_or(0));
  json.push_back('}');
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
  std::string body;
  for (const RawTrack& packet : packets) {
    switch (form) {
      case PacketForm::json:
        body.push_back(body.empty() ? '[' : ',');
        append_json(body, packet);
        break;
      case PacketForm::ndjson:
        append_json(body, packet);
        body.push_back('\n');
        break;
      case PacketForm::binary:
        append_plain(body, packet);
        break;
      case PacketForm::wide:
        append_wide(body, packet);
        break;
    }
  }
  if (form == PacketForm::json) body.append(body.empty() ? "[]" : "]");
  return body;
}

}  // namespace packwalk::replay
