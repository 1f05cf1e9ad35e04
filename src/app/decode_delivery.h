// What the bytes of a delivery say, whichever door they came through.
#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "ports/packet_queue.h"

namespace packwalk {

struct AcceptRules {
  DeviceTime earliest = device_time(1'420'070'400);  // 2015-01-01: before it a collar's clock is wrong
  std::chrono::seconds future_slack{300};            // after received_at
  int months_kept = 0;                               // before the month of received_at; 0: all since `earliest`
  std::size_t packets_max = 100'000;                 // a request
  std::uint8_t phone_status = 0;                     // the status byte of a phone's track packets
};

/// What the sender is told once its messages are safe.
struct Receipt {
  struct Invalid {
    std::size_t index = 0;
    Flaw flaw;
  };
  std::size_t taken = 0;
  std::vector<Invalid> invalid;
  std::optional<Unreadable> unreadable;  // the whole body is kept as one invalid message
};

/// Fills `delivery.messages` from the rest of it: by itself, so that it says the same at every time. A body that cannot
/// be read is one message with a Flaw. Errc::too_large: more packets than a request may have.
Result<Receipt> decode_delivery(Delivery& delivery, const AcceptRules& rules);

}  // namespace packwalk
