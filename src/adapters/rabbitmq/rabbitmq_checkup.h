// Checks RabbitMQ.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/rabbitmq/broker.h"
#include "base/finding.h"

namespace packwalk {

/// Checks each broker of `options`: the connection, the version, whether it accepts messages, the queue and its dead
/// letters.
std::vector<Finding> examine_rabbitmq(const BrokerOptions& options);

/// Checks that each broker listens for MQTT collars at `port`.
std::vector<Finding> examine_mqtt(const BrokerOptions& options, std::uint16_t port);

}  // namespace packwalk
