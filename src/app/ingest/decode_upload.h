// Decodes the bytes of an upload from any door.
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

/// The result for the sender, once its messages are safe.
struct Receipt {
  static constexpr std::size_t invalid_listed_max = 100;

  /// One invalid packet, or a run of packets with the same flaw.
  struct Invalid {
    std::size_t index = 0;
    std::size_t last = 0;
    Flaw flaw;
  };
  std::size_t taken = 0;
  std::size_t invalid_count = 0;
  std::vector<Invalid> invalid;  // one entry each, up to `invalid_listed_max`; if there are more, the first runs
  std::optional<Unreadable> unreadable;  // the whole body is kept as one invalid message
  std::optional<LimitReached> refused;   // nothing was kept: send it again
};

/// Fills `upload.messages` from the other members alone, so that the result is always the same. An unreadable body
/// becomes one message with a Flaw. Of unreadable bodies and invalid packets, only the part that kept_body.h defines is
/// kept, and `upload.body` and `upload.unreadable` become that part. `packed` is the original body, if it was
/// compressed. Errc::too_large: more packets than a request may have.
Result<Receipt> decode_upload(Upload& upload, const AcceptRules& rules, std::string_view packed = {});

}  // namespace packwalk
