// The properties that every fuzzer of a decoder checks.
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include "base/fuzz.h"
#include "core/packet/binary_form.h"
#include "core/packet/canonical_form.h"
#include "core/packet/decoded_body.h"
#include "core/packet/json_form.h"

namespace packwalk::fuzz {

/// A few packets only, so that the fuzzers meet `too_many`.
inline const DecodeRules rules{{device_time(1'420'070'400), device_time(1'800'000'000)}, 8};

/// The same for one message of a body.
inline const DecodeRules part_rules{rules.believed, rules.packets_max, true};

inline bool believed(DeviceTime time) { return time >= rules.believed.earliest && time <= rules.believed.latest; }

template <class Packet>
const Packet* only(const DecodedBody& decoded) {
  if (decoded.unreadable || decoded.too_many || decoded.messages.size() != 1) return nullptr;
  return std::get_if<Packet>(&decoded.messages[0].content);
}

inline void check(const TrackPacket& packet) {
  const double lat = packet.position.latitude();
  const double lon = packet.position.longitude();
  require(lat >= -90 && lat <= 90 && lon >= -180 && lon <= 180 && (lat != 0 || lon != 0), "the place is on earth");
  require(believed(packet.timestamp), "the time is believed");
  require(std::isfinite(packet.altitude.value_or(0)), "the altitude is finite");
  require(std::isfinite(packet.accuracy.value_or(0)) && packet.accuracy.value_or(0) >= 0, "the accuracy is a length");

  const DecodedBody as_json = decode_json(encode_json(packet), rules);
  const auto* json = only<TrackPacket>(as_json);
  require(json && *json == packet && canonical_form(*json) == canonical_form(packet), "JSON reads back as the same");

  // Less than half a step from (0, 0), a coarser form holds no place.
  const bool near_null = std::abs(lat) <= 0.5e-7 && std::abs(lon) <= 0.5e-7;
  const DecodedBody as_binary = decode_binary(encode_binary(packet), rules);
  const auto* binary = only<TrackPacket>(as_binary);
  require(binary ? canonical_form(*binary) == canonical_form(packet) : near_null,
          "the plain record reads back as the same canonical form");
  const DecodedBody as_wide = decode_binary(encode_wide(packet), rules);
  const auto* wide = only<TrackPacket>(as_wide);
  if (!wide) return require(near_null, "the wide record can be read");
  require(canonical_form(*wide) == canonical_form(packet), "the wide record has the same canonical form");
  require(std::abs(wide->position.latitude() - lat) < 0.51e-7 && std::abs(wide->position.longitude() - lon) < 0.51e-7,
          "the wide record keeps the place to half of 1e-7 degree");
  require(wide->status == packet.status && wide->timestamp == packet.timestamp, "the wide record keeps the rest");
}

inline void check(const ActivityPacket& packet) {
  require(believed(packet.timestamp) && packet.steps >= 0 && !name_of(packet.activity).empty(), "values are in range");
  const DecodedBody as_json = decode_json(encode_json(packet), rules);
  const DecodedBody as_binary = decode_binary(encode_binary(packet), rules);
  const auto* json = only<ActivityPacket>(as_json);
  const auto* binary = only<ActivityPacket>(as_binary);
  require(json && *json == packet && binary && *binary == packet, "both forms read back as the same");
}

inline void check(const Flaw& flaw) { require(!flaw.reason.empty(), "a flaw has a reason"); }
inline void check(const Heartbeat& heartbeat) { require(!heartbeat.reason.empty(), "a heartbeat has a reason"); }

/// Of any body and decoder.
inline void check(std::string_view body, const DecodedBody& decoded) {
  if (decoded.unreadable) {
    require(decoded.messages.empty() && !decoded.too_many, "an unreadable body has no messages");
    require(decoded.unreadable->byte_offset <= body.size() && !decoded.unreadable->reason.empty(), "and a reason");
    return;
  }
  require(decoded.messages.size() <= rules.packets_max, "not more messages than allowed");
  require(!decoded.too_many || decoded.messages.size() == rules.packets_max, "as many as allowed before too many");
  std::size_t end = 0;
  for (const DecodedMessage& message : decoded.messages) {
    require(message.offset >= end && message.offset <= body.size(), "messages are in order and do not overlap");
    require(message.size <= body.size() - message.offset, "a message lies within the body");
    require(message.size > 0 || body.empty(), "a message has bytes");
    end = message.offset + message.size;
    std::visit([](const auto& content) { check(content); }, message.content);
  }
}

/// A message has the same content alone and among others; `alone` decodes its bytes as a body of their own.
template <class Alone>
void check_alone(std::string_view body, const DecodedBody& decoded, const Alone& alone) {
  for (const DecodedMessage& message : decoded.messages) {
    const std::string_view bytes = body.substr(message.offset, message.size);
    const std::size_t first = bytes.find_first_not_of(" \t\r\n");
    if (first < bytes.size() && bytes[first] == '[') continue;  // alone, an array is a batch
    const DecodedBody one = alone(bytes);
    require(!one.unreadable && !one.too_many && one.messages.size() == 1, "a message can be read alone");
    require(one.messages[0].content == message.content, "and says the same");
  }
}

/// An unreadable value in an unknown field of any element changes the content of no element; `decode` uses the rules of
/// a part.
template <class Decode>
void check_with_unreadable_value(std::string_view body, const Decode& decode) {
  const DecodedBody sound = decode(body);
  if (sound.unreadable) return;
  for (const DecodedMessage& spoilt : sound.messages) {
    if (spoilt.size == 0 || body[spoilt.offset] != '{') continue;
    std::string with(body);
    const std::size_t rest = body.find_first_not_of(" \t\r\n", spoilt.offset + 1);
    with.insert(spoilt.offset + 1, body[rest] == '}' ? "\"x\":-nan(0)" : "\"x\":-nan(0),");
    const DecodedBody decoded = decode(with);
    require(decoded.messages.size() == sound.messages.size(), "an unreadable value costs no message");
    for (std::size_t i = 0; i < sound.messages.size(); ++i) {
      require(decoded.messages[i].content == sound.messages[i].content, "nor what one says");
    }
  }
}

/// As the only element of an array, unless it is an object: outside of brackets, an unreadable value cannot be mended.
inline std::string as_body(std::string_view element) {
  return element.starts_with('{') ? std::string(element) : "[" + std::string(element) + "]";
}

}  // namespace packwalk::fuzz
