#include "adapters/journal/held_deliveries.h"

#include <string>

namespace packwalk::journal {

Result<void> HeldDeliveries::has_room_for(const Delivery& delivery) const {
  if (all_.deliveries == 0) return {};
  const std::size_t messages = delivery.messages.size();
  const std::size_t bytes = delivery.body.size();
  if (all_.messages + messages > limits_.messages_max || all_.bytes + bytes > limits_.bytes_max) {
    return fail(Errc::overloaded, "the queue is full");
  }
  const auto of_device = by_device_.find(delivery.device);
  if (of_device == by_device_.end()) return {};
  const auto share_of = [this](std::size_t whole) { return whole * limits_.device_percent / 100; };
  if (of_device->second.messages + messages > share_of(limits_.messages_max) ||
      of_device->second.bytes + bytes > share_of(limits_.bytes_max)) {
    return fail(Errc::overloaded, "the device has its share of the queue");
  }
  return {};
}

void HeldDeliveries::add(const Delivery& delivery) {
  OfDevice& mine = by_device_[delivery.device];
  ++mine.deliveries;
  mine.messages += delivery.messages.size();
  mine.bytes += delivery.body.size();
  all_.add(delivery);
}

void HeldDeliveries::remove(const Delivery& delivery) {
  all_.remove(delivery);
  const auto mine = by_device_.find(delivery.device);
  if (mine == by_device_.end()) return;
  mine->second.messages -= delivery.messages.size();
  mine->second.bytes -= delivery.body.size();
  if (--mine->second.deliveries == 0) by_device_.erase(mine);
}

}  // namespace packwalk::journal
