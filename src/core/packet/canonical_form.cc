#include "core/packet/canonical_form.h"

#include <array>
#include <bit>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/packet/little_endian.h"

namespace packwalk {
namespace {

/// The bits of the float that is nearest; of 0 also for -0, which is the same place.
std::uint32_t float_bits(double degrees) { return std::bit_cast<std::uint32_t>(static_cast<float>(degrees) + 0.0F); }

std::int32_t clamped_seconds(DeviceTime time) { return static_cast<std::int32_t>(seconds_since_1970(time)); }

/// Of every packet one is made: on the stack.
class Record {
 public:
  explicit Record(const TrackPacket& packet) {
    append_little_endian(*this, std::uint8_t{0x01});
    append_little_endian(*this, packet.status);
    append_little_endian(*this, clamped_seconds(packet.timestamp));
    append_little_endian(*this, float_bits(packet.position.latitude()));
    append_little_endian(*this, float_bits(packet.position.longitude()));
    append_rounded<std::int8_t>(*this, packet.altitude.value_or(0));
    append_rounded<std::uint8_t>(*this, packet.accuracy.value_or(0));
  }
  explicit Record(const ActivityPacket& packet) {
    append_little_endian(*this, std::uint8_t{0x02});
    append_little_endian(*this, packet.status);
    append_little_endian(*this, clamped_seconds(packet.timestamp));
    append_little_endian(*this, static_cast<std::uint8_t>(packet.activity));
    append_little_endian(*this, packet.steps);
  }

  void push_back(char byte) { bytes_.at(size_++) = byte; }
  std::string_view bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 16> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace

std::string canonical_form(const TrackPacket& packet) { return std::string(Record(packet).bytes()); }
std::string canonical_form(const ActivityPacket& packet) { return std::string(Record(packet).bytes()); }

ContentHash hash_of_bytes(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

ContentHash hash_of(const Content& content, std::string_view original) {
  return std::visit(
      [&]<class Part>(const Part& part) {
        if constexpr (AnyPacket<Part>) return hash_of_bytes(Record(part).bytes());
        return hash_of_bytes(original);
      },
      content);
}

}  // namespace packwalk
