#include "adapters/rabbitmq/pack.h"

#include <utility>

#include "core/packet/little_endian.h"
#include "core/packet/upload_record.h"

namespace packwalk::rabbitmq {

void append_to_pack(std::string& pack, const Upload& upload) {
  const std::string record = record_of(upload);
  append_little_endian(pack, static_cast<std::uint32_t>(record.size()));
  pack.append(record);
}

std::optional<std::vector<Upload>> uploads_from_pack(std::string_view pack) {
  std::vector<Upload> uploads;
  while (!pack.empty()) {
    if (pack.size() < 4) return std::nullopt;
    const auto size = read_little_endian<std::uint32_t>(pack, 0);
    if (size > pack.size() - 4) return std::nullopt;
    auto upload = upload_from_record(pack.substr(4, size));
    if (!upload) return std::nullopt;
    uploads.push_back(*std::move(upload));
    pack.remove_prefix(4 + size);
  }
  if (uploads.empty()) return std::nullopt;
  return uploads;
}

}  // namespace packwalk::rabbitmq
