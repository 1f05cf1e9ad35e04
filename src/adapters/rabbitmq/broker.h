// Which broker, which queues, and how much of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace packwalk {

struct BrokerOptions {
  std::vector<std::string> urls;                       // amqp://user:password@host:port/vhost, amqps too; tried in turn
  std::string ca_file;                                 // for amqps: whom to believe; empty: the system's
  std::string queue = "packwalk.packets";              // what belongs to it has its name and an ending
  std::int64_t queue_bytes_max = 4'000'000'000;        // then the broker refuses, and devices are answered 503
  std::int64_t deliveries_max = 50;                    // of one message, before it is a dead letter
  std::size_t waiting_bytes_max = 64UL * 1024 * 1024;  // in this process, not yet confirmed or not yet committed
  std::size_t waiting_messages_max = 200'000;
  std::chrono::seconds heartbeat{5};
  std::chrono::seconds confirm_max{30};  // that a broker may take to confirm, from put(); then the senders are told
  std::chrono::seconds stop_max{10};     // that the end of a link waits for what is on its way

  std::chrono::seconds hold_max{600};  // that a worker keeps what it cannot commit while the store does not answer

  std::string dead_queue() const { return queue + ".dead"; }
  /// Where RabbitMQ puts what comes over MQTT (its mqtt.exchange).
  std::string mqtt_exchange() const { return queue + ".mqtt"; }
  /// Where packets go that came over MQTT while the queue was not bound: to the dead letters, as the sender is told
  /// that they are safe.
  std::string unrouted_exchange() const { return queue + ".unrouted"; }
};

}  // namespace packwalk
