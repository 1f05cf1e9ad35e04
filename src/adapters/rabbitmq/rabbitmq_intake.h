// The end of the doors of a queue on RabbitMQ.
#pragma once

#include <memory>

#include "adapters/rabbitmq/broker.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// An upload is safe when the broker has confirmed the message that carries it: a quorum has it on disk. What waits
/// while others are on their way travels in one message; an idle queue adds no wait. While there is no broker all is
/// refused with Errc::unavailable, also what was on its way: the broker may have it, and then it comes twice.
std::unique_ptr<PacketIntake> make_rabbitmq_intake(const BrokerOptions& options);

}  // namespace packwalk
