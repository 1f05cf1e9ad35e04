#include "app/accept_packets.h"

#include <utility>

namespace packwalk {
namespace {

/// Whatever the store says, its sender can only send it again, and need not see what the store says.
Error for_sender(const Error& error) {
  if (error.code == Errc::overloaded || error.code == Errc::unavailable) return error;
  return {Errc::unavailable, "the packets could not be kept: " + error.detail};
}

}  // namespace

void AcceptPackets::accept(DeviceNumber device, Transport transport, std::string body, const Accepted& accepted,
                           std::string unreadable) const {
  Delivery delivery{.device = device,
                    .received_at = clock_.now(),
                    .transport = transport,
                    .body = std::move(body),
                    .unreadable = std::move(unreadable)};
  auto receipt = decode_delivery(delivery, rules_);
  if (!receipt || delivery.messages.empty()) return accepted(std::move(receipt));
  auto confirm = [accepted, receipt = *std::move(receipt)](const Result<void>& kept) {
    accepted(kept ? Result<Receipt>(receipt) : Result<Receipt>(tl::unexpected(for_sender(kept.error()))));
  };
  auto put = queue_.put(std::move(delivery), std::move(confirm));
  if (!put) accepted(tl::unexpected(for_sender(put.error())));
}

}  // namespace packwalk
