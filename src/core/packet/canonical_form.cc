#include "core/packet/canonical_form.h"

#include <bit>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/packet/little_endian.h"

namespace packwalk {
namespace {

/// The bits of the float that is nearest; of 0 also for -0, which is the same place.
std::uint32_t float_bits(double degrees) { return std::bit_cast<std::uint32_t>(static_cast<float>(degrees) + 0.0F); }

std::int32_t clamped_seconds(DeviceTime time) { return static_cast<std::int32_t>(seconds_since_1970(time)); }

}  // namespace

std::string canonical_form(const TrackPacket& packet) {
  std::string record;
  append_little_endian(record, std::uint8_t{0x01});
  append_little_endian(record, packet.status);
  append_little_endian(record, clamped_seconds(packet.timestamp));
  append_little_endian(record, float_bits(packet.position.latitude()));
  append_little_endian(record, float_bits(packet.position.longitude()));
  append_rounded<std::int8_t>(record, packet.altitude.value_or(0));
  append_rounded<std::uint8_t>(record, packet.accuracy.value_or(0));
  return record;
}

std::string canonical_form(const ActivityPacket& packet) {
  std::string record;
  append_little_endian(record, std::uint8_t{0x02});
  append_little_endian(record, packet.status);
  append_little_endian(record, clamped_seconds(packet.timestamp));
  append_little_endian(record, static_cast<std::uint8_t>(packet.activity));
  append_little_endian(record, packet.steps);
  return record;
}

ContentHash hash_of_bytes(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

ContentHash hash_of(const Content& content, std::string_view original) {
  return std::visit(
      [&]<class Part>(const Part& part) {
        if constexpr (AnyPacket<Part>) return hash_of_bytes(canonical_form(part));
        return hash_of_bytes(original);
      },
      content);
}

}  // namespace packwalk
