#include "core/packet/binary_form.h"

#include <algorithm>
#include <array>
#include <bit>

#include "core/packet/canonical_form.h"
#include "core/packet/little_endian.h"

namespace packwalk {
namespace {

constexpr std::uint8_t kind_wide_track = 0x11;

double float_at(std::string_view record, std::size_t offset) {
  return std::bit_cast<float>(read_little_endian<std::uint32_t>(record, offset));
}

double status_at(std::string_view record) { return read_little_endian<std::uint8_t>(record, 1); }
double seconds_at(std::string_view record) { return read_little_endian<std::int32_t>(record, 2); }

Content decode_track(std::string_view record, const TimeWindow& believed) {
  return checked(RawTrack{.status = status_at(record),
                          .seconds = seconds_at(record),
                          .latitude = float_at(record, 6),
                          .longitude = float_at(record, 10),
                          .altitude = static_cast<double>(read_little_endian<std::int8_t>(record, 14)),
                          .accuracy = static_cast<double>(read_little_endian<std::uint8_t>(record, 15))},
                 believed);
}

Content decode_activity(std::string_view record, const TimeWindow& believed) {
  return checked(RawActivity{.status = status_at(record),
                             .seconds = seconds_at(record),
                             .activity = activity_from_number(read_little_endian<std::uint8_t>(record, 6)),
                             .steps = static_cast<double>(read_little_endian<std::int32_t>(record, 7))},
                 believed);
}

Content decode_wide_track(std::string_view record, const TimeWindow& believed) {
  return checked(RawTrack{.status = status_at(record),
                          .seconds = seconds_at(record),
                          .latitude = read_little_endian<std::int32_t>(record, 6) / 1e7,
                          .longitude = read_little_endian<std::int32_t>(record, 10) / 1e7,
                          .altitude = static_cast<double>(read_little_endian<std::int16_t>(record, 14)),
                          .accuracy = static_cast<double>(read_little_endian<std::uint16_t>(record, 16))},
                 believed);
}

struct RecordKind {
  std::uint8_t number = 0;
  std::size_t size = 0;
  Content (*decode)(std::string_view record, const TimeWindow& believed) = nullptr;
};
constexpr std::array record_kinds = {
    RecordKind{0x01, 16, decode_track},
    RecordKind{0x02, 11, decode_activity},
    RecordKind{kind_wide_track, 18, decode_wide_track},
};
constexpr std::size_t record_size_min =
    std::min_element(record_kinds.begin(), record_kinds.end(), [](const RecordKind& a, const RecordKind& b) {
      return a.size < b.size;
    })->size;

/// The kind of the record that begins `bytes`; nothing for an unknown one.
const RecordKind* kind_of(std::string_view bytes) {
  const auto* kind = std::find_if(record_kinds.begin(), record_kinds.end(), [&](const RecordKind& each) {
    return each.number == static_cast<std::uint8_t>(bytes[0]);
  });
  return kind == record_kinds.end() ? nullptr : kind;
}

Flaw flaw_of_rest(std::string_view rest) {
  if (!kind_of(rest)) return {"kind", "is unknown: a record begins with 0x01, 0x02 or 0x11"};
  return {"", "record is cut short"};
}

}  // namespace

DecodedBody decode_binary(std::string_view body, const DecodeRules& rules) {
  DecodedBody decoded;
  if (body.empty()) decoded.unreadable = Unreadable{0, "the body is empty"};
  decoded.messages.reserve(std::min(body.size() / record_size_min, rules.packets_max));
  for (std::size_t offset = 0; offset < body.size();) {
    if (decoded.messages.size() == rules.packets_max) {
      decoded.too_many = true;
      return decoded;
    }
    const std::string_view rest = body.substr(offset);
    const RecordKind* kind = kind_of(rest);
    if (!kind || rest.size() < kind->size) {
      Flaw flaw = flaw_of_rest(rest);
      if (offset == 0) {
        decoded.unreadable = Unreadable{0, flaw.field.empty() ? flaw.reason : flaw.field + " " + flaw.reason};
      } else {
        decoded.messages.push_back({offset, rest.size(), std::move(flaw)});
      }
      return decoded;
    }
    decoded.messages.push_back({offset, kind->size, kind->decode(rest.substr(0, kind->size), rules.believed)});
    offset += kind->size;
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
