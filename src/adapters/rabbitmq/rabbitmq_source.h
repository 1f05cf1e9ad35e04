// Ingest's end of a queue at RabbitMQ.
#pragma once

#include <memory>

#include "adapters/rabbitmq/broker.h"
#include "adapters/rabbitmq/source_rules.h"
#include "ports/clock.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// Acknowledges a message when all its uploads are settled. A message becomes a dead letter if it is unreadable, its
/// device is unknown, or one of its uploads is at fault. An upload with another error stays here and is retried after a
/// pause; after a crash, the broker redelivers it. If the store has not answered for `hold_max`, all messages go back
/// to the broker until it does. `clock` outlives it.
std::unique_ptr<PacketSource> make_rabbitmq_source(const BrokerOptions& options, SourceRules rules, Clock& clock);

}  // namespace packwalk
