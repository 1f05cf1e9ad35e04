// Port: the way of events to their subscriptions: they are fanned out into notifications, and these are sent in lines.
// Contract: tests/contract/outbox_test.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "ports/ingest_store.h"
#include "ports/push_channel.h"

namespace packwalk {

/// The number of a subscription: who gets which events, through which channel.
struct SubscriptionNumber {
  std::int64_t value = 0;
  friend auto operator<=>(SubscriptionNumber, SubscriptionNumber) = default;
};

struct WaitingEvent {
  DeviceNumber device;
  std::int64_t id = 0;  // greater for a later event of the device, and never given twice
  ServerTime caused_at{};
  std::optional<Event> event;  // none: its row is impossible
};

/// How many devices, or lines, and how many of each, one batch has at most.
struct OutboxLimits {
  std::size_t lines_max = 16;
  std::size_t of_each_max = 20;
};

struct FannedOut {
  WaitingEvent event;
  std::vector<SubscriptionNumber> subscriptions;  // none: it goes through no channel
};

/// The notifications of one device and subscription. They are sent in the order of their events.
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

/// A line that a worker holds, and the first of its notifications.
struct LeasedLine {
  Line line;
  std::int64_t lease = 0;  // its number
  Attempts attempts;       // of the first notification
  std::vector<Notification> notifications;
};

/// How a worker leaves a line.
struct SettledLine {
  Line line;
  std::int64_t lease = 0;
  std::optional<std::int64_t> done_until;  // the event id of the last notification that is delivered or given up
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
  virtual ~Outbox() = default;

  /// Events that wait, of each device the first ones in their order. Devices take turns by their numbers from one call
  /// to the next, so a device with many events holds up no other. Empty: none waits. Another worker may get the same
  /// ones: fan_out() takes each once.
  virtual Result<std::vector<WaitingEvent>> next(OutboxLimits limits) = 0;

  /// Deletes each event and adds one notification per subscription, due `now`. Events that are no longer there are left
  /// out. Sorted by device and id, as next() returns them. Returns how many were there.
  virtual Result<std::size_t> fan_out(std::span<const FannedOut> events, ServerTime now) = 0;

  /// Leases lines whose time has come, the longest due first: until `leased_until` no other worker gets them, then they
  /// are due again. A line may have no notification any more; it must be settled all the same.
  virtual Result<std::vector<LeasedLine>> due(ServerTime now, ServerTime leased_until, OutboxLimits limits) = 0;

  /// Removes what is done and ends the leases. A line whose lease another worker has taken over is left to that one.
  virtual Result<void> settle(std::span<const SettledLine> lines) = 0;

  /// Reads all that waits.
  virtual Result<OutboxLevels> levels() = 0;
};

}  // namespace packwalk
