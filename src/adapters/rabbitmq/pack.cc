#include "adapters/rabbitmq/pack.h"

#include <utility>

#include "core/packet/little_endian.h"
#include "ports/delivery_record.h"

namespace packwalk::rabbitmq {

void append_to_pack(std::string& pack, const Delivery& delivery) {
  const std::string record = record_of(delivery);
  append_little_endian(pack, static_cast<std::uint32_t>(record.size()));
  pack.append(record);
}

std::optional<std::vector<Delivery>> deliveries_from_pack(std::string_view pack) {
  std::vector<Delivery> deliveries;
  while (!pack.empty()) {
    if (pack.size() < 4) return std::nullopt;
    const auto size = read_little_endian<std::uint32_t>(pack, 0);
    if (size > pack.size() - 4) return std::nullopt;
    auto delivery = delivery_from_record(pack.substr(4, size));
    if (!delivery) return std::nullopt;
    deliveries.push_back(*std::move(delivery));
    pack.remove_prefix(4 + size);
  }
  if (deliveries.empty()) return std::nullopt;
  return deliveries;
}

}  // namespace packwalk::rabbitmq
