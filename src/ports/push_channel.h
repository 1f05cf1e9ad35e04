// Port: how notifications leave: a webhook, a phone's push service, a log. Contract of each: beside its adapter.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "core/event/event.h"

namespace packwalk {

/// An event on its way through a subscription.
struct Notification {
  std::int64_t event_id = 0;
  std::string device_id;       // "" when the registry does not know the device
  std::optional<Event> event;  // none: its row is impossible
};

/// The same for every attempt to send an event through a subscription: "7:status_changed:1770000000:1:2".
inline std::string idempotency_key(const Event& event) {
  return std::to_string(device_of(event).value) + ":" + key(event);
}

/// What became of one delivery.
struct DeliveryOutcome {
  enum class Result { delivered, retry, refused };  // refused: for good
  Result result = Result::retry;
  std::string detail;  // of a failure, for the log; holds no secret
  std::optional<std::chrono::seconds> retry_after{};
  bool is_of_channel = false;  // every other notification would fail as well now: no answer, or a request to slow down
};

/// Calls block for a bounded time. One thread.
class PushChannel {
 public:
  virtual ~PushChannel() = default;

  /// One attempt to send `event` of the device `device_id`. `now` is the time of the attempt.
  virtual DeliveryOutcome send(const Event& event, const std::string& device_id, ServerTime now) = 0;
};

}  // namespace packwalk
