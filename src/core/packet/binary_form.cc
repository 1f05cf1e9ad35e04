#include "core/packet/binary_form.h"

#include <algorithm>
#include <bit>

#include "core/packet/canonical_form.h"
#include "core/packet/little_endian.h"

namespace packwalk {
namespace {

constexpr std::uint8_t kind_track = 0x01;
constexpr std::uint8_t kind_activity = 0x02;
constexpr std::uint8_t kind_wide_track = 0x11;

/// 0 for an unknown kind.
std::size_t record_size(std::uint8_t kind) {
  switch (kind) {
    case kind_track:
      return 16;
    case kind_activity:
      return 11;
    case kind_wide_track:
      return 18;
    default:
      return 0;
  }
}

double float_at(std::string_view record, std::size_t offset) {
  return std::bit_cast<float>(read_little_endian<std::uint32_t>(record, offset));
}

/// `record` is whole and of a known kind.
Content decode_record(std::string_view record, const TimeWindow& believed) {
  const auto status = read_little_endian<std::uint8_t>(record, 1);
  const auto seconds = read_little_endian<std::int32_t>(record, 2);
  switch (static_cast<std::uint8_t>(record[0])) {
    case kind_track:
      return checked(RawTrack{.status = static_cast<double>(status),
                              .seconds = static_cast<double>(seconds),
                              .latitude = float_at(record, 6),
                              .longitude = float_at(record, 10),
                              .altitude = static_cast<double>(read_little_endian<std::int8_t>(record, 14)),
                              .accuracy = static_cast<double>(read_little_endian<std::uint8_t>(record, 15))},
                     believed);
    case kind_wide_track:
      return checked(RawTrack{.status = static_cast<double>(status),
                              .seconds = static_cast<double>(seconds),
                              .latitude = read_little_endian<std::int32_t>(record, 6) / 1e7,
                              .longitude = read_little_endian<std::int32_t>(record, 10) / 1e7,
                              .altitude = static_cast<double>(read_little_endian<std::int16_t>(record, 14)),
                              .accuracy = static_cast<double>(read_little_endian<std::uint16_t>(record, 16))},
                     believed);
    default:
      return checked(RawActivity{.status = static_cast<double>(status),
                                 .seconds = static_cast<double>(seconds),
                                 .activity = activity_from_number(read_little_endian<std::uint8_t>(record, 6)),
                                 .steps = static_cast<double>(read_little_endian<std::int32_t>(record, 7))},
                     believed);
  }
}

Flaw flaw_of_rest(std::string_view rest) {
  if (record_size(static_cast<std::uint8_t>(rest[0])) == 0) return {"kind", "is none of 0x01, 0x02 and 0x11"};
  return {"", "record is cut short"};
}

}  // namespace

DecodedBody decode_binary(std::string_view body, const DecodeRules& rules) {
  DecodedBody decoded;
  if (body.empty()) decoded.unreadable = Unreadable{0, "the body is empty"};
  decoded.messages.reserve(std::min(body.size() / 11, rules.packets_max));
  for (std::size_t offset = 0; offset < body.size();) {
    if (decoded.messages.size() == rules.packets_max) {
      decoded.too_many = true;
      return decoded;
    }
    const std::string_view rest = body.substr(offset);
    const std::size_t size = record_size(static_cast<std::uint8_t>(rest[0]));
    if (size == 0 || rest.size() < size) {
      Flaw flaw = flaw_of_rest(rest);
      if (offset == 0) {
        decoded.unreadable = Unreadable{0, flaw.field.empty() ? flaw.reason : flaw.field + " " + flaw.reason};
      } else {
        decoded.messages.push_back({offset, rest.size(), std::move(flaw)});
      }
      return decoded;
    }
    decoded.messages.push_back({offset, size, decode_record(rest.substr(0, size), rules.believed)});
    offset += size;
  }
  return decoded;
}

std::string encode_binary(const TrackPacket& packet) { return canonical_form(packet); }
std::string encode_binary(const ActivityPacket& packet) { return canonical_form(packet); }

std::string encode_wide(const TrackPacket& packet) {
  std::string record;
  append_little_endian(record, kind_wide_track);
  append_little_endian(record, packet.status);
  append_little_endian(record, static_cast<std::int32_t>(seconds_since_1970(packet.timestamp)));
  append_rounded<std::int32_t>(record, packet.position.latitude() * 1e7);
  append_rounded<std::int32_t>(record, packet.position.longitude() * 1e7);
  append_rounded<std::int16_t>(record, packet.altitude.value_or(0));
  append_rounded<std::uint16_t>(record, packet.accuracy.value_or(0));
  return record;
}

}  // namespace packwalk
