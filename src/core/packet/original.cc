#include "core/packet/original.h"

#include <string>

#include "base/md5.h"

namespace packwalk {

std::uint64_t digest_hash(DeviceNumber device, const StoredMessage& message) {
  std::string text;
  text.reserve(96 + message.reason.size() + message.content.size());
  const auto append = [&](auto number) { text.append(std::to_string(number)).push_back(' '); };
  append(device.value);
  append(microseconds_since_1970(message.received_at));
  append(message.ordinal);
  append(static_cast<unsigned>(message.transport));
  append(static_cast<unsigned>(message.verdict));
  append(message.hash);
  append(message.reason.size());
  text.append(message.reason).append(" ").append(message.content);
  return md5_head(text);
}

}  // namespace packwalk
