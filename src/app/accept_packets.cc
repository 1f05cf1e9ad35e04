#include "app/accept_packets.h"

#include <utility>

namespace packwalk {

void AcceptPackets::accept(DeviceNumber device, Transport transport, std::string body, const Accepted& accepted,
                           std::string unreadable) const {
  Delivery delivery{.device = device,
                    .received_at = clock_.stamp(),
                    .transport = transport,
                    .body = std::move(body),
                    .unreadable = std::move(unreadable)};
  auto receipt = decode_delivery(delivery, rules_);
  if (!receipt || delivery.messages.empty()) return accepted(std::move(receipt));
  auto confirm = [accepted, receipt = *std::move(receipt)](const Result<void>& kept) {
    accepted(kept ? Result<Receipt>(receipt) : Result<Receipt>(tl::unexpected(kept.error())));
  };
  auto put = queue_.put(std::move(delivery), std::move(confirm));
  if (!put) accepted(tl::unexpected(std::move(put.error())));
}

}  // namespace packwalk
