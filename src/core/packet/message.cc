#include "core/packet/message.h"

#include <array>

namespace packwalk {
namespace {

struct TransportFacts {
  Transport transport{};
  std::string_view name;
  bool is_phone = false;
};
constexpr std::array transports = {
    TransportFacts{Transport::http_binary, "http/binary", false},
    TransportFacts{Transport::http_json, "http/json", false},
    TransportFacts{Transport::http_ndjson, "http/ndjson", false},
    TransportFacts{Transport::osmand_form, "osmand/form", true},
    TransportFacts{Transport::osmand_json, "osmand/json", true},
    TransportFacts{Transport::owntracks, "owntracks", true},
    TransportFacts{Transport::overland, "overland", true},
    TransportFacts{Transport::mqtt_binary, "mqtt/binary", false},
    TransportFacts{Transport::mqtt_json, "mqtt/json", false},
    TransportFacts{Transport::mqtt_ndjson, "mqtt/ndjson", false},
    TransportFacts{Transport::owntracks_of_overland, "owntracks/overland", true},
};
constexpr std::array<std::string_view, verdict_count> verdict_names = {"accepted", "duplicate", "conflict", "invalid"};

TransportFacts facts_of(Transport transport) {
  for (const TransportFacts& facts : transports) {
    if (facts.transport == transport) return facts;
  }
  return {};
}

}  // namespace

std::string_view name_of(Transport transport) { return facts_of(transport).name; }
bool is_phone(Transport transport) { return facts_of(transport).is_phone; }

bool is_mqtt(Transport transport) {
  return transport == Transport::mqtt_binary || transport == Transport::mqtt_json ||
         transport == Transport::mqtt_ndjson;
}

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
