#include "adapters/journal/held_uploads.h"

#include <string>

namespace packwalk::journal {

Result<void> HeldUploads::has_room_for(const Upload& upload) const {
  if (all_.uploads == 0) return {};
  const std::size_t messages = upload.messages.size();
  const std::size_t bytes = upload.body.size();
  if (all_.messages + messages > limits_.messages_max || all_.bytes + bytes > limits_.bytes_max) {
    return fail(Errc::overloaded, "the queue is full");
  }
  const auto of_device = by_device_.find(upload.device);
  if (of_device == by_device_.end()) return {};
  const auto share_of = [this](std::size_t whole) { return whole * limits_.device_percent / 100; };
  if (of_device->second.messages + messages > share_of(limits_.messages_max) ||
      of_device->second.bytes + bytes > share_of(limits_.bytes_max)) {
    return fail(Errc::overloaded, "the device has used its share of the queue");
  }
  return {};
}

void HeldUploads::add(const Upload& upload) {
  OfDevice& mine = by_device_[upload.device];
  ++mine.uploads;
  mine.messages += upload.messages.size();
  mine.bytes += upload.body.size();
  all_.add(upload);
}

void HeldUploads::remove(const Upload& upload) {
  all_.remove(upload);
  const auto mine = by_device_.find(upload.device);
  if (mine == by_device_.end()) return;
  mine->second.messages -= upload.messages.size();
  mine->second.bytes -= upload.body.size();
  if (--mine->second.uploads == 0) by_device_.erase(mine);
}

}  // namespace packwalk::journal
