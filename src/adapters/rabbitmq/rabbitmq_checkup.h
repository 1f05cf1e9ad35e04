// Whether a broker can do what Packwalk needs of it.
#pragma once

#include <vector>

#include "adapters/rabbitmq/broker.h"
#include "base/finding.h"

namespace packwalk {

/// Looks at each broker of `options`: who answers, its version, whether it takes messages, the queue and its dead
/// letters.
std::vector<Finding> examine_rabbitmq(const BrokerOptions& options);

}  // namespace packwalk
