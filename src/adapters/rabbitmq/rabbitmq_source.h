// The end of ingest of a queue on RabbitMQ.
#pragma once

#include <memory>

#include "adapters/rabbitmq/broker.h"
#include "adapters/rabbitmq/source_rules.h"
#include "ports/clock.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// Acknowledges a message when all its uploads are settled. One that cannot be read, that is of a device which
/// nobody knows, or an upload of which is settled with an error that lies in it, becomes a dead letter. What is
/// settled with another error stays here and comes again after a pause; after a crash the broker gives it to somebody.
/// When the store has not answered for `hold_max`, all is given back to the broker until it does. `clock` outlives it.
std::unique_ptr<PacketSource> make_rabbitmq_source(const BrokerOptions& options, SourceRules rules, Clock& clock);

}  // namespace packwalk
