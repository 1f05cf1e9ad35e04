#include "core/packet/upload_record.h"

#include <cstdint>

#include "core/packet/little_endian.h"

namespace packwalk {
namespace {

constexpr std::size_t envelope_size = 21;

}  // namespace

std::string record_of(const Upload& upload) {
  std::string record;
  record.reserve(envelope_size + upload.unreadable.size() + upload.body.size());
  append_little_endian(record, upload.device.value);
  append_little_endian(record, microseconds_since_1970(upload.received_at));
  append_little_endian(record, static_cast<std::uint8_t>(upload.transport));
  append_little_endian(record, static_cast<std::uint32_t>(upload.unreadable.size()));
  record.append(upload.unreadable).append(upload.body);
  return record;
}

std::optional<Upload> upload_from_record(std::string_view record) {
  if (record.size() < envelope_size) return std::nullopt;
  const auto unreadable_size = read_little_endian<std::uint32_t>(record, 17);
  if (unreadable_size > record.size() - envelope_size) return std::nullopt;
  Upload upload;
  upload.device.value = read_little_endian<std::int64_t>(record, 0);
  upload.received_at = server_time(read_little_endian<std::int64_t>(record, 8));
  upload.transport = static_cast<Transport>(read_little_endian<std::uint8_t>(record, 16));
  upload.unreadable = record.substr(envelope_size, unreadable_size);
  upload.body = record.substr(envelope_size + unreadable_size);
  upload.redelivered = true;
  return upload;
}

}  // namespace packwalk
