// The doors' end of a queue at RabbitMQ.
#pragma once

#include <memory>

#include "adapters/rabbitmq/broker.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// An upload is safe when the broker has confirmed its message: a quorum has it on disk. Uploads that wait for a
/// confirm travel in one message; an idle queue adds no delay. Without a broker, uploads are refused with
/// Errc::unavailable, also unconfirmed ones: the broker may have those, and then they arrive twice.
std::unique_ptr<PacketIntake> make_rabbitmq_intake(const BrokerOptions& options);

}  // namespace packwalk
