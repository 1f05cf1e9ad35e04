#include "api/cursors.h"

#include <limits>

namespace packwalk {

std::optional<MessageCursor> message_cursor(Parameters& in) {
  const auto numbers = in.cursor<2>();
  if (!numbers) return std::nullopt;
  const auto [received_at, ordinal] = *numbers;
  if (ordinal < 0 || ordinal > std::numeric_limits<std::uint32_t>::max()) {
    in.reject_cursor();
    return std::nullopt;
  }
  return MessageCursor{server_time(received_at), static_cast<std::uint32_t>(ordinal)};
}

WalkCursor walk_cursor(Parameters& in, TimeOrder order) {
  const auto numbers = in.cursor<3>();
  if (!numbers) return first_walk_cursor(order);
  const auto [from, a, b] = *numbers;
  return {from, DeviceNumber{a}, DeviceNumber{b}};
}

CompanionCursor companion_cursor(Parameters& in) {
  const auto numbers = in.cursor<2>();
  if (!numbers) return {};
  const auto [seconds_together, device] = *numbers;
  return {seconds_together, DeviceNumber{device}};
}

std::string cursor_of(const MessageCursor& last) {
  return std::to_string(microseconds_since_1970(last.received_at)) + "." + std::to_string(last.ordinal);
}

std::string cursor_of(const WalkCursor& last) {
  std::string text = std::to_string(last.from);
  for (const DeviceNumber device : {last.a, last.b}) text.append(".").append(std::to_string(device.value));
  return text;
}

std::string cursor_of(const CompanionCursor& last) {
  return std::to_string(last.seconds_together) + "." + std::to_string(last.device.value);
}

}  // namespace packwalk
