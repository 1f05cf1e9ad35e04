// Port: events are fanned out into one notification per subscription, and notifications are sent in lines. Contract:
// tests/contract/outbox_test.cc.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ports/ingest_store.h"
#include "ports/push_channel.h"

namespace packwalk {

/// The number of a subscription: its receiver, its events and its channel.
struct SubscriptionNumber {
  std::int64_t value = 0;
  friend auto operator<=>(SubscriptionNumber, SubscriptionNumber) = default;
};

struct WaitingEvent {
  DeviceNumber device;
  std::int64_t id = 0;  // greater for a later event of the device, and never given twice
  ServerTime caused_at{};
  std::optional<Event> event;  // empty: its row is impossible
};

/// The limits of a batch: devices or lines, and items of each.
struct OutboxLimits {
  std::size_t lines_max = 16;
  std::size_t of_each_max = 20;
};

struct FannedOut {
  WaitingEvent event;
  std::vector<SubscriptionNumber> subscriptions;  // empty: no channel
};

/// The notifications of one device and subscription, which are sent in the order of their events.
struct Line {
  DeviceNumber device;
  SubscriptionNumber subscription;
  friend auto operator<=>(const Line&, const Line&) = default;
};

/// Attempts to send the head of a line.
struct Attempts {
  std::int64_t count = 0;
  std::optional<ServerTime> first_at;

  friend bool operator==(const Attempts&, const Attempts&) = default;
};

/// A line that a worker has leased, and its first notifications.
struct LeasedLine {
  Line line;
  std::int64_t lease = 0;  // its number
  Attempts attempts;       // of the first notification
  ServerTime due_at{};     // before it was leased
  std::vector<Notification> notifications;
};

/// The result of a worker for a line.
struct SettledLine {
  Line line;
  std::int64_t lease = 0;
  std::optional<std::int64_t> done_until;  // the event id of the last notification that was delivered or given up
  std::int64_t head = 0;                   // the event id of the first notification that is left
  Attempts attempts;                       // of that one
  ServerTime due_at{};
};

struct OutboxLevels {
  std::int64_t events = 0;           // not fanned out yet
  std::int64_t notifications = 0;    // not delivered yet
  std::optional<ServerTime> oldest;  // caused_at of the oldest of both
};

/// Calls block; one thread, but any number of workers may each have an outbox of the same store. Each call is one
/// transaction. Errc::unavailable: nothing was done; try again later.
class Outbox {
 public:
  /// No line waits longer.
  static constexpr std::chrono::hours wait_max{25};

  virtual ~Outbox() = default;

  /// Waiting events: the first ones of each device, in order. Devices take turns by number from call to call, so a
  /// device with many events does not delay others. Empty: no event waits. Another worker may get the same events;
  /// fan_out() handles each once.
  virtual Result<std::vector<WaitingEvent>> next(OutboxLimits limits) = 0;

  /// Deletes each event and adds one notification per subscription, due `now`. Skips missing events. Sorted by device
  /// and id, like next(). Returns the number of events that existed.
  virtual Result<std::size_t> fan_out(std::span<const FannedOut> events, ServerTime now) = 0;

  /// Leases due lines, the longest due first: until `leased_until`, no other worker gets them; then they are due again.
  /// A line may have no notification any more, but must still be settled. A line whose time is more than `wait_max`
  /// ahead is due, too: a clock that was ahead wrote it. Lines of a device that is being erased are left out.
  virtual Result<std::vector<LeasedLine>> due(ServerTime now, ServerTime leased_until, OutboxLimits limits) = 0;

  /// Removes finished notifications and ends the leases. Skips a line whose lease another worker has taken over.
  virtual Result<void> settle(std::span<const SettledLine> lines) = 0;

  /// Counts everything that waits.
  virtual Result<OutboxLevels> levels() = 0;
};

}  // namespace packwalk
