#include "adapters/redis/bus_message.h"

#include <bit>
#include <cmath>
#include <limits>

#include "core/packet/little_endian.h"

namespace packwalk::redis {
namespace {

constexpr std::size_t head_size = 16;
constexpr std::size_t position_size = 57;

void append_real(std::string& bytes, double value) { append_little_endian(bytes, std::bit_cast<std::uint64_t>(value)); }
void append_meters(std::string& bytes, MaybeMeters meters) {
  append_real(bytes, meters.known() ? meters.value_or(0) : std::numeric_limits<double>::quiet_NaN());
}

double real_at(std::string_view bytes, std::size_t offset) {
  return std::bit_cast<double>(read_little_endian<std::uint64_t>(bytes, offset));
}
MaybeMeters meters_at(std::string_view bytes, std::size_t offset) {
  const double value = real_at(bytes, offset);
  return std::isfinite(value) ? MaybeMeters(value) : MaybeMeters();
}

}  // namespace

std::string bus_message(std::uint64_t worker, std::uint64_t number, std::span<const DevicePosition> positions) {
  std::string bytes;
  bytes.reserve(head_size + positions.size() * position_size);
  append_little_endian(bytes, worker);
  append_little_endian(bytes, number);
  for (const auto& [device, fix] : positions) {
    append_little_endian(bytes, device.value);
    append_real(bytes, fix.position.latitude());
    append_real(bytes, fix.position.longitude());
    append_meters(bytes, fix.altitude);
    append_meters(bytes, fix.accuracy);
    append_little_endian(bytes, seconds_since_1970(fix.timestamp));
    append_little_endian(bytes, microseconds_since_1970(fix.received_at));
    append_little_endian(bytes, fix.status);
  }
  return bytes;
}

std::optional<BusMessage> bus_message_from(std::string_view bytes) {
  if (bytes.size() < head_size || (bytes.size() - head_size) % position_size != 0) return std::nullopt;
  BusMessage message{read_little_endian<std::uint64_t>(bytes, 0), read_little_endian<std::uint64_t>(bytes, 8), {}};
  for (bytes.remove_prefix(head_size); !bytes.empty(); bytes.remove_prefix(position_size)) {
    const auto place = LatLon::from_degrees(real_at(bytes, 8), real_at(bytes, 16));
    if (!place) return std::nullopt;
    message.positions.push_back({DeviceNumber{read_little_endian<std::int64_t>(bytes, 0)},
                                 Fix{.position = *place,
                                     .altitude = meters_at(bytes, 24),
                                     .accuracy = meters_at(bytes, 32),
                                     .timestamp = device_time(read_little_endian<std::int64_t>(bytes, 40)),
                                     .received_at = server_time(read_little_endian<std::int64_t>(bytes, 48)),
                                     .status = read_little_endian<std::uint8_t>(bytes, 56)}});
  }
  return message;
}

}  // namespace packwalk::redis
