#include "adapters/clickhouse/row_binary.h"

#include "core/packet/little_endian.h"

namespace packwalk::clickhouse {
namespace {

void append_text(std::string& bytes, std::string_view text) {
  std::uint64_t size = text.size();
  for (; size >= 0x80; size >>= 7) bytes.push_back(static_cast<char>((size & 0x7f) | 0x80));
  bytes.push_back(static_cast<char>(size));
  bytes.append(text);
}

}  // namespace

std::string rows_of(std::span<const Original> originals) {
  std::size_t size = 0;
  for (const Original& each : originals) size += 50 + each.message.reason.size() + each.message.content.size();
  std::string bytes;
  bytes.reserve(size);
  for (const auto& [device, message] : originals) {
    append_little_endian(bytes, device.value);
    append_little_endian(bytes, microseconds_since_1970(message.received_at));
    append_little_endian(bytes, message.ordinal);
    append_little_endian(bytes, static_cast<std::uint8_t>(message.transport));
    append_little_endian(bytes, static_cast<std::uint8_t>(message.verdict));
    append_text(bytes, message.reason);
    append_little_endian(bytes, message.hash);
    append_text(bytes, message.content);
  }
  return bytes;
}

std::string_view RowReader::take(std::uint64_t size) {
  good_ = good_ && size <= rest_.size();
  if (!good_) {
    rest_ = {};
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

template <class Integer>
Integer RowReader::number() {
  const std::string_view bytes = take(sizeof(Integer));
  return good_ ? read_little_endian<Integer>(bytes, 0) : Integer{};
}
template std::uint8_t RowReader::number();
template std::uint32_t RowReader::number();
template std::uint64_t RowReader::number();
template std::int64_t RowReader::number();

std::string_view RowReader::text() {
  std::uint64_t size = 0;
  for (int shift = 0;; shift += 7) {
    const auto group = number<std::uint8_t>();
    good_ = good_ && shift < 63;
    if (!good_) return {};
    size |= std::uint64_t{group & 0x7fU} << shift;
    if ((group & 0x80) == 0) return take(size);
  }
}

namespace {

StoredMessage message_from(RowReader& reader) {
  StoredMessage message;
  message.received_at = server_time(reader.number<std::int64_t>());
  message.ordinal = reader.number<std::uint32_t>();
  message.transport = static_cast<Transport>(reader.number<std::uint8_t>());
  message.verdict = static_cast<Verdict>(reader.number<std::uint8_t>());
  message.reason = reader.text();
  message.hash = reader.number<std::uint64_t>();
  message.content = reader.text();
  return message;
}

/// Reads all rows with `read`.
template <class Row, class Read>
std::optional<std::vector<Row>> from_rows(std::string_view bytes, const Read& read) {
  std::vector<Row> rows;
  for (RowReader reader(bytes); !reader.at_end();) {
    rows.push_back(read(reader));
    if (!reader.is_good()) return std::nullopt;
  }
  return rows;
}

}  // namespace

std::optional<std::vector<Original>> originals_from_rows(std::string_view bytes) {
  return from_rows<Original>(bytes, [](RowReader& reader) {
    const DeviceNumber device{reader.number<std::int64_t>()};
    return Original{device, message_from(reader)};
  });
}

std::optional<std::vector<StoredMessage>> messages_from_rows(std::string_view bytes) {
  return from_rows<StoredMessage>(bytes, message_from);
}

}  // namespace packwalk::clickhouse
