#include "core/packet/canonical_form.h"

#include <array>
#include <bit>
#include <cmath>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/packet/little_endian.h"

namespace packwalk {
namespace {

/// The same for 0 and -0, which are one position.
std::uint32_t bits_of(float degrees) { return std::bit_cast<std::uint32_t>(degrees + 0.0F); }

/// To 1e-7 degree: the number that a wide record of this position holds. Every other form of the position is so close
/// that it rounds to the same number, so all forms give the same float, even next to the middle between two floats.
float rounded(double degrees) { return static_cast<float>(std::round(degrees * 1e7) / 1e7); }

/// The last step, because no float lies between -180 and -179.99999.
float with_one_date_line(float longitude) { return longitude == -180 ? 180 : longitude; }

std::int32_t clamped_seconds(DeviceTime time) { return static_cast<std::int32_t>(seconds_since_1970(time)); }

/// On the stack, because every packet needs one.
class Record {
 public:
  explicit Record(const TrackPacket& packet)
      : Record(packet, rounded(packet.position.latitude()), with_one_date_line(rounded(packet.position.longitude()))) {}
  explicit Record(const ActivityPacket& packet) {
    append_little_endian(*this, std::uint8_t{0x02});
    append_little_endian(*this, packet.status);
    append_little_endian(*this, clamped_seconds(packet.timestamp));
    append_little_endian(*this, static_cast<std::uint8_t>(packet.activity));
    append_little_endian(*this, packet.steps);
  }

  static Record of_first_form(const TrackPacket& packet) {
    return {packet, static_cast<float>(packet.position.latitude()), static_cast<float>(packet.position.longitude())};
  }
  static Record of_first_form(const ActivityPacket& packet) { return Record(packet); }

  void push_back(char byte) { bytes_.at(size_++) = byte; }
  std::string_view bytes() const { return {bytes_.data(), size_}; }

 private:
  Record(const TrackPacket& packet, float latitude, float longitude) {
    append_little_endian(*this, std::uint8_t{0x01});
    append_little_endian(*this, packet.status);
    append_little_endian(*this, clamped_seconds(packet.timestamp));
    append_little_endian(*this, bits_of(latitude));
    append_little_endian(*this, bits_of(longitude));
    append_rounded<std::int8_t>(*this, packet.altitude.value_or(0));
    append_rounded<std::uint8_t>(*this, packet.accuracy.value_or(0));
  }

  std::array<char, 16> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace

std::string canonical_form(const TrackPacket& packet) { return std::string(Record(packet).bytes()); }
std::string canonical_form(const ActivityPacket& packet) { return std::string(Record(packet).bytes()); }

ContentHash hash_of_bytes(std::string_view bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

ContentHash hash_of(const TrackPacket& packet) { return hash_of_bytes(Record(packet).bytes()); }
ContentHash first_hash_of(const TrackPacket& packet) { return hash_of_bytes(Record::of_first_form(packet).bytes()); }

ContentHash hash_of(const Content& content, std::string_view original) {
  return std::visit(
      [&]<class Part>(const Part& part) {
        if constexpr (AnyPacket<Part>) return hash_of_bytes(Record(part).bytes());
        return hash_of_bytes(original);
      },
      content);
}

ContentHash first_hash_of(const Content& content, std::string_view original) {
  return std::visit(
      [&]<class Part>(const Part& part) {
        if constexpr (AnyPacket<Part>) return hash_of_bytes(Record::of_first_form(part).bytes());
        return hash_of_bytes(original);
      },
      content);
}

}  // namespace packwalk
