#include "core/packet/message.h"

#include <array>

namespace packwalk {
namespace {

struct TransportFacts {
  std::string_view name;
  bool is_phone = false;
  bool is_mqtt = false;
};

/// A switch, because the compiler names a Transport that it lacks.
TransportFacts facts_of(Transport transport) {
  switch (transport) {
    case Transport::http_binary:
      return {.name = "http/binary"};
    case Transport::http_json:
      return {.name = "http/json"};
    case Transport::http_ndjson:
      return {.name = "http/ndjson"};
    case Transport::osmand_form:
      return {.name = "osmand/form", .is_phone = true};
    case Transport::osmand_json:
      return {.name = "osmand/json", .is_phone = true};
    case Transport::owntracks:
      return {.name = "owntracks", .is_phone = true};
    case Transport::overland:
      return {.name = "overland", .is_phone = true};
    case Transport::mqtt_binary:
      return {.name = "mqtt/binary", .is_mqtt = true};
    case Transport::mqtt_json:
      return {.name = "mqtt/json", .is_mqtt = true};
    case Transport::mqtt_ndjson:
      return {.name = "mqtt/ndjson", .is_mqtt = true};
    case Transport::owntracks_of_overland:
      return {.name = "owntracks/overland", .is_phone = true};
  }
  return {};
}

constexpr std::array<std::string_view, verdict_count> verdict_names = {"accepted", "duplicate", "conflict", "invalid"};

}  // namespace

std::string_view name_of(Transport transport) { return facts_of(transport).name; }
bool is_phone(Transport transport) { return facts_of(transport).is_phone; }
bool is_mqtt(Transport transport) { return facts_of(transport).is_mqtt; }

std::string_view name_of(Verdict verdict) { return verdict_names.at(static_cast<std::size_t>(verdict)); }

std::optional<Verdict> verdict_from_name(std::string_view name) {
  for (std::size_t i = 0; i < verdict_count; ++i) {
    if (verdict_names[i] == name) return static_cast<Verdict>(i);
  }
  return std::nullopt;
}

std::optional<PacketKey> key_of(const Message& message) {
  return std::visit(
      [&]<class Part>(const Part& part) -> std::optional<PacketKey> {
        if constexpr (AnyPacket<Part>) return PacketKey{message.device, Part::family, part.timestamp};
        return std::nullopt;
      },
      *message.content);
}

}  // namespace packwalk
