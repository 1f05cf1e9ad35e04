// One packet as it arrived: the envelope, the original bytes and their content.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.h"
#include "core/packet/canonical_form.h"
#include "core/packet/packet.h"

namespace packwalk {

/// The door of a message, and the format of its bytes. The numbers are stored: never reuse one.
enum class Transport : std::uint8_t {
  http_binary = 1,
  http_json = 2,
  http_ndjson = 3,
  osmand_form = 4,
  osmand_json = 5,
  owntracks = 6,
  overland = 7,
  mqtt_binary = 8,
  mqtt_json = 9,
  mqtt_ndjson = 10,
  owntracks_of_overland = 11,  // whose seconds count from another year
};

/// "http/binary" and so on; "" for an unknown number.
std::string_view name_of(Transport transport);
/// Whether it is a phone's app, whose messages have no status byte.
bool is_phone(Transport transport);
/// Whether it is from a collar directly to the broker.
bool is_mqtt(Transport transport);

/// What ingest decided about a message. The numbers are stored.
enum class Verdict : std::uint8_t { accepted = 0, duplicate = 1, conflict = 2, invalid = 3 };
inline constexpr std::size_t verdict_count = 4;

std::string_view name_of(Verdict verdict);
std::optional<Verdict> verdict_from_name(std::string_view name);

/// The key of a packet: of two messages with equal keys only one can be accepted.
struct PacketKey {
  DeviceNumber device;
  Family family{};
  DeviceTime timestamp{};

  friend auto operator<=>(const PacketKey&, const PacketKey&) = default;
};

/// Does not own `original` and `content`: they belong to its Upload.
struct Message {
  DeviceNumber device;
  ServerTime received_at{};   // identifies the message together with `ordinal`, per device
  std::uint32_t ordinal = 0;  // index in its request
  Transport transport{};
  std::string_view original;
  const Content* content = nullptr;
  ContentHash hash = 0;
};

/// Empty for a message without a valid packet.
std::optional<PacketKey> key_of(const Message& message);

}  // namespace packwalk
