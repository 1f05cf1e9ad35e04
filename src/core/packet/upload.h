// A request of a device, on its way from a door to ingest.
#pragma once

#include <string>
#include <vector>

#include "core/packet/decoded_body.h"
#include "core/packet/message.h"

namespace packwalk {

/// One request of a device as it came, and what its bytes say. The envelope and the bytes are the truth: a queue that
/// crosses a wire or a crash may drop `messages` and decode them anew.
struct Upload {
  DeviceNumber device;
  ServerTime received_at{};  // no two uploads of a device by one gateway have the same
  Transport transport{};
  std::string body;
  std::string unreadable;                // why `body` is one message of which nothing can be read; mostly empty
  std::vector<DecodedMessage> messages;  // at least one
  bool redelivered = false;              // it, or a part of it, may have been committed before
};

}  // namespace packwalk
