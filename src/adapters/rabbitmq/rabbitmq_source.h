// The end of ingest of a queue on RabbitMQ.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "adapters/rabbitmq/broker.h"
#include "ports/clock.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// What the source must know to read a message of the queue.
struct SourceRules {
  DecodeUpload decode;
  /// The device of this id: of a collar that speaks MQTT only the topic says who it is. May block. After an error it is
  /// asked again later.
  std::function<Result<std::optional<DeviceNumber>>(std::string_view)> find_device;
  std::size_t mqtt_bytes_max = 8UL * 1024 * 1024;  // of a body; a larger one is kept and not read
  /// Whether the store has answered anybody lately; returns at once. Without it, it always has.
  std::function<bool()> store_answers;
};

/// Acknowledges a message when all its uploads are settled. One that cannot be read, that is of a device which
/// nobody knows, or an upload of which is settled with an error that lies in it, becomes a dead letter. What is
/// settled with another error stays here and comes again after a pause; after a crash the broker gives it to somebody.
/// When the store has not answered for `hold_max`, all is given back to the broker until it does. `clock` outlives it.
std::unique_ptr<PacketSource> make_rabbitmq_source(const BrokerOptions& options, SourceRules rules, Clock& clock);

}  // namespace packwalk
