// The brokers, the queues and their limits.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace packwalk {

struct BrokerOptions {
  std::vector<std::string> urls;                 // amqp://user:password@host:port/vhost, amqps too; tried in turn
  std::string ca_file;                           // CA bundle for amqps; empty: the system's
  std::string queue = "packwalk.packets";        // related queues have this name with a suffix
  std::int64_t queue_bytes_max = 4'000'000'000;  // then the broker rejects publishes, and devices are answered 503
  std::int64_t deliveries_max = 50;              // of one message, before it becomes a dead letter
  std::size_t waiting_bytes_max = 64UL * 1024 * 1024;  // in this process, not yet confirmed or not yet committed
  std::size_t waiting_messages_max = 200'000;
  std::chrono::seconds heartbeat{5};
  std::chrono::seconds confirm_max{30};  // from put() to the broker's confirm; then the senders get an error
  std::chrono::seconds stop_max{10};     // that the end of a link waits for unconfirmed messages

  std::chrono::seconds hold_max{600};  // that a worker holds messages while the store does not answer

  std::string dead_queue() const { return queue + ".dead"; }
  /// The exchange to which RabbitMQ publishes MQTT messages (its mqtt.exchange).
  std::string mqtt_exchange() const { return queue + ".mqtt"; }
  /// The alternate exchange for MQTT packets while the queue is not bound: they become dead letters, because their
  /// sender gets a confirm.
  std::string unrouted_exchange() const { return queue + ".unrouted"; }
};

}  // namespace packwalk
