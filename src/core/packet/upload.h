// A request of a device, between a door and ingest.
#pragma once

#include <string>
#include <vector>

#include "core/packet/decoded_body.h"
#include "core/packet/message.h"

namespace packwalk {

/// One request of a device and its decoded messages. The envelope and the bytes are authoritative: a queue may drop
/// `messages` and decode the bytes again.
struct Upload {
  DeviceNumber device;
  ServerTime received_at{};  // unique for a device and a gateway
  Transport transport{};
  std::string body;
  std::string unreadable;                // the reason if `body` is one unreadable message; usually empty
  std::vector<DecodedMessage> messages;  // at least one
  bool redelivered = false;              // all or a part of it may have been committed before
};

}  // namespace packwalk
