#include "ports/delivery_record.h"

#include <cstdint>

#include "core/packet/little_endian.h"

namespace packwalk {
namespace {

constexpr std::size_t envelope_size = 21;

}  // namespace

std::string record_of(const Delivery& delivery) {
  std::string record;
  record.reserve(envelope_size + delivery.unreadable.size() + delivery.body.size());
  append_little_endian(record, delivery.device.value);
  append_little_endian(record, microseconds_since_1970(delivery.received_at));
  append_little_endian(record, static_cast<std::uint8_t>(delivery.transport));
  append_little_endian(record, static_cast<std::uint32_t>(delivery.unreadable.size()));
  record.append(delivery.unreadable).append(delivery.body);
  return record;
}

std::optional<Delivery> delivery_from_record(std::string_view record) {
  if (record.size() < envelope_size) return std::nullopt;
  const auto unreadable_size = read_little_endian<std::uint32_t>(record, 17);
  if (unreadable_size > record.size() - envelope_size) return std::nullopt;
  Delivery delivery;
  delivery.device.value = read_little_endian<std::int64_t>(record, 0);
  delivery.received_at = server_time(read_little_endian<std::int64_t>(record, 8));
  delivery.transport = static_cast<Transport>(read_little_endian<std::uint8_t>(record, 16));
  delivery.unreadable = record.substr(envelope_size, unreadable_size);
  delivery.body = record.substr(envelope_size + unreadable_size);
  delivery.redelivered = true;
  return delivery;
}

}  // namespace packwalk
