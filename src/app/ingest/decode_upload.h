// What the bytes of an upload say, whichever door they came through.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "app/ingest/device_limits.h"
#include "ports/packet_queue.h"

namespace packwalk {

struct AcceptRules {
  DeviceTime earliest = device_time(1'420'070'400);  // 2015-01-01: before it a collar's clock is wrong
  std::chrono::seconds future_slack{300};            // after received_at
  int months_kept = 0;                               // before the month of received_at; 0: all since `earliest`
  std::size_t packets_max = 100'000;                 // a request
  std::uint8_t phone_status = 0;                     // the status byte of a phone's track packets
  bool mend_week_rollover = true;                    // of a phone's times
};

/// What the sender is told once its messages are safe.
struct Receipt {
  static constexpr std::size_t invalid_listed_max = 100;

  /// One packet, or a run of them that are wrong in the same way.
  struct Invalid {
    std::size_t index = 0;
    std::size_t last = 0;
    Flaw flaw;
  };
  std::size_t taken = 0;
  std::size_t invalid_count = 0;
  std::vector<Invalid> invalid;          // each of its own up to `invalid_listed_max`; of more, the first runs of them
  std::optional<Unreadable> unreadable;  // the whole body is kept as one invalid message
  std::optional<LimitReached> refused;   // nothing was kept: to be sent again
};

/// Fills `upload.messages` from the rest of it: by itself, so that it says the same at every time. A body that cannot
/// be read is one message with a Flaw; of that, and of invalid packets, no more is kept than kept_body.h says, and
/// `upload.body` and `upload.unreadable` become what is kept. `packed`: the body as it came, where it was
/// compressed. Errc::too_large: more packets than a request may have.
Result<Receipt> decode_upload(Upload& upload, const AcceptRules& rules, std::string_view packed = {});

}  // namespace packwalk
