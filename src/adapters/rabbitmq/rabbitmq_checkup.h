// Whether a broker can do what Packwalk needs of it.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/rabbitmq/broker.h"
#include "base/finding.h"

namespace packwalk {

/// Looks at each broker of `options`: who answers, its version, whether it takes messages, the queue and its dead
/// letters.
std::vector<Finding> examine_rabbitmq(const BrokerOptions& options);

/// Whether each of them listens for collars that speak MQTT, at `port`.
std::vector<Finding> examine_mqtt(const BrokerOptions& options, std::uint16_t port);

}  // namespace packwalk
