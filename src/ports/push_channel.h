// Port: a channel for notifications: a webhook, a phone's push service, a log. The test of each is beside its adapter.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/event/event.h"

namespace packwalk {

/// An event on its way through a subscription.
struct Notification {
  std::int64_t event_id = 0;
  std::string device_id;       // "" if the registry does not have the device
  std::optional<Event> event;  // empty: its row is impossible
};

/// The same for every attempt to send an event through a subscription: "7:status_changed:1770000000:1:2".
inline std::string idempotency_key(const Event& event) {
  return std::to_string(device_of(event).value) + ":" + key(event);
}

/// The outcome of one delivery.
struct DeliveryOutcome {
  enum class Result { delivered, retry, refused };  // refused: permanently
  Result result = Result::retry;
  std::string detail;  // of a failure, for the log; holds no secret
  std::optional<std::chrono::seconds> retry_after{};
  bool is_of_channel = false;  // other notifications would fail now too: no answer, or a request to slow down
};

/// Calls block for a bounded time. One thread.
class PushChannel {
 public:
  virtual ~PushChannel() = default;

  /// One attempt to send `event` of the device `device_id`. `now` is the time of the attempt.
  virtual DeliveryOutcome send(const Event& event, const std::string& device_id, ServerTime now) = 0;
};

}  // namespace packwalk
