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

/// The virtual host of a url. Errc::invalid_input: the url is not valid.
Result<std::string> vhost_of(const std::string& url);

/// Connects to another port of the host of a url and disconnects. Returns HOST:PORT. Errc::unavailable: no server
/// listens there.
Result<std::string> knock(const std::string& url, std::uint16_t port);

struct LinkHandle;  // what is behind a link: librabbitmq's

/// One thread. No call waits longer than a minute, and most at most ten seconds; calls of a loop do not wait at all.
/// After an error, the link cannot be used. Errc::unavailable: connection errors. Errc::invalid_input: a url is not
/// valid. Errors never show a password.
class Link {
 public:
  static Result<Link> open(const std::string& url, const BrokerOptions& options);
  /// Connects to the first of `options.urls` that answers. There must be at least one.
  static Result<Link> open_any(const BrokerOptions& options);

  /// Declares the queue, its dead-letter queue, the exchange of MQTT and the bindings. Idempotent.
  /// deploy/rabbitmq/definitions.json has the same.
  Result<void> declare(const BrokerOptions& options);

  Result<void> confirm_publishes();
  /// Limits the time of a setup until the result is destroyed. After that time, the link is cut and the call fails.
  SocketWatch::Call within(std::chrono::milliseconds longest);

  /// Publishes a persistent message to `queue`; only if no bytes are unsent. send_rest() sends bytes for which the
  /// socket has no room. If the queue does not exist, the link fails before any confirm.
  Result<void> publish(const std::string& queue, std::string_view content_type, std::string body);
  /// Publishes to a missing queue: a broker that accepts messages confirms and drops it.
  Result<void> publish_nowhere(const std::string& name);
  /// Sends as many unsent bytes as the socket has room for.
  Result<void> send_rest();
  bool has_unsent() const;
  /// Whether something small can be sent without waiting.
  bool has_room() const;

  /// Publishes a message to its exchange and routing key, and waits for the confirm. Call it after confirm_publishes().
  Result<void> publish_again(const Delivered& message);

  /// Checks that the broker accepts messages, with one to a temporary queue. It does not during an alarm.
  Result<void> try_publishing(const BrokerOptions& options);

  Result<void> consume(const std::string& queue, std::uint16_t unacknowledged_max);
  /// Gets the next message of a queue, if there is one, without consume().
  Result<std::optional<Delivered>> get(const std::string& queue);
  Result<void> acknowledge(std::uint64_t tag);
  /// Acknowledges all messages up to it.
  Result<void> acknowledge_up_to(std::uint64_t tag);
  /// Rejects it, so that it becomes a dead letter.
  Result<void> reject(std::uint64_t tag);

  /// HOST:PORT
  const std::string& where() const;
  /// The broker's version: "3.10.8".
  std::string version() const;
  /// The counts of a queue, which must exist.
  Result<QueueCount> count_in(const std::string& queue);
  /// Purges a queue, and returns its number of messages.
  Result<std::uint32_t> purge(const std::string& queue);

  /// The next event, without waiting.
  Result<std::optional<Event>> next_event();
  /// Sends a heartbeat if one is due. Fails if the broker has sent nothing for two heartbeats. Called several times per
  /// second.
  Result<void> beat();
  /// The time of the last frame from the broker, including heartbeats.
  std::chrono::steady_clock::time_point heard_at() const;
  /// Closes the connection properly, so that the broker reads everything that was sent. Waits briefly for it.
  void close();

  /// Waits until `wake` is readable, or for this time. Does not read, so the broker cannot send more than the sockets
  /// hold.
  void rest(int wake, std::chrono::milliseconds longest);

  /// Waits until data arrives, or there is room for unsent bytes, or `wake` (a descriptor) is readable, or for this
  /// time.
  void wait(int wake, std::chrono::milliseconds longest);

 private:
  struct CloseHandle {
    void operator()(LinkHandle* handle) const;
  };
  explicit Link(std::unique_ptr<LinkHandle, CloseHandle> handle) : handle_(std::move(handle)) {}

  std::unique_ptr<LinkHandle, CloseHandle> handle_;
};

}  // namespace packwalk::rabbitmq
