// One connection to a broker with one channel, over librabbitmq.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/rabbitmq/broker.h"
#include "adapters/rabbitmq/event.h"
#include "adapters/rabbitmq/socket_watch.h"
#include "base/result.h"

namespace packwalk::rabbitmq {

struct QueueCount {
  std::uint32_t ready = 0;  // messages
  std::uint32_t consumers = 0;
};

/// The virtual host that a url names. Errc::invalid_input for a url that is none.
Result<std::string> vhost_of(const std::string& url);

/// Connects to another port of the host of a url, and leaves; returns HOST:PORT. Errc::unavailable when nobody listens.
Result<std::string> knock(const std::string& url, std::uint16_t port);

struct LinkHandle;  // what is behind a link: librabbitmq's

/// One thread. No call waits for longer than a minute, most of them ten seconds at most, whatever the broker does;
/// those that a loop calls do not wait at all. After an error the link is of no use any more. Errors:
/// Errc::unavailable; Errc::invalid_input for a url that is none. None shows a password.
class Link {
 public:
  static Result<Link> open(const std::string& url, const BrokerOptions& options);
  /// To the first of `options.urls`, of which there must be one, that answers.
  static Result<Link> open_any(const BrokerOptions& options);

  /// Makes the queue, its dead letters, the exchange of MQTT and what binds it; all of it may be there already.
  /// deploy/rabbitmq/definitions.json says the same.
  Result<void> declare(const BrokerOptions& options);

  Result<void> confirm_publishes();
  /// Until the result is destroyed, a setup may take so long; then the link is cut, and its call ends with an error.
  SocketWatch::Call within(std::chrono::milliseconds longest);

  /// To `queue`, persistent; only when nothing is unsent. What the socket has no room for is sent by send_rest(). When
  /// there is no such queue, the link ends with an error before any confirmation.
  Result<void> publish(const std::string& queue, std::string_view content_type, std::string body);
  /// Likewise, to a queue that is not there: confirmed by a broker that takes messages, and gone.
  Result<void> publish_nowhere(const std::string& name);
  /// Of what was published, as much as there is room for.
  Result<void> send_rest();
  bool has_unsent() const;
  /// Whether something small can be sent without waiting.
  bool has_room() const;

  /// The same message, to where its exchange and routing key say, and waits until the broker has it; after
  /// confirm_publishes().
  Result<void> publish_again(const Delivered& message);

  /// Whether the broker takes messages, with one to a queue that goes with this link. It does not with an alarm.
  Result<void> try_publishing(const BrokerOptions& options);

  Result<void> consume(const std::string& queue, std::uint16_t unacknowledged_max);
  /// The next message of a queue, if there is one; without consume().
  Result<std::optional<Delivered>> get(const std::string& queue);
  Result<void> acknowledge(std::uint64_t tag);
  /// All that came up to it and is neither acknowledged nor rejected.
  Result<void> acknowledge_up_to(std::uint64_t tag);
  /// Makes it a dead letter.
  Result<void> reject(std::uint64_t tag);

  /// HOST:PORT
  const std::string& where() const;
  /// Of the broker, as it calls it: "3.10.8".
  std::string version() const;
  /// Of a queue, which must be there.
  Result<QueueCount> count_in(const std::string& queue);
  /// Returns how many messages there were.
  Result<std::uint32_t> purge(const std::string& queue);

  /// What has come, without waiting.
  Result<std::optional<Event>> next_event();
  /// Sends a heartbeat when one is due; an error when nothing has come for two of them. Called several times a second.
  Result<void> beat();
  /// When the broker was last heard, if only by a heartbeat.
  std::chrono::steady_clock::time_point heard_at() const;
  /// Says goodbye, so that the broker has read all that was sent; waits for it a moment.
  void close();

  /// Until `wake` can be read, or it has taken that long. Reads nothing, so that the broker cannot send more than the
  /// sockets hold.
  void rest(int wake, std::chrono::milliseconds longest);

  /// Until something has come, or there is room for what is unsent, or `wake` (a descriptor) can be read, or it has
  /// taken that long.
  void wait(int wake, std::chrono::milliseconds longest);

 private:
  struct CloseHandle {
    void operator()(LinkHandle* handle) const;
  };
  explicit Link(std::unique_ptr<LinkHandle, CloseHandle> handle) : handle_(std::move(handle)) {}

  std::unique_ptr<LinkHandle, CloseHandle> handle_;
};

}  // namespace packwalk::rabbitmq
