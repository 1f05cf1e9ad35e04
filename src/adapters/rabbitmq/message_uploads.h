// The uploads in a message of the queue, from a gateway or from an MQTT collar.
#pragma once

#include <string>
#include <vector>

#include "adapters/rabbitmq/event.h"
#include "adapters/rabbitmq/source_rules.h"
#include "ports/clock.h"

namespace packwalk::rabbitmq {

/// Of one thread.
class MessageUploads {
 public:
  /// `mqtt_exchange` is the exchange to which collars publish. `clock` outlives it.
  MessageUploads(std::string mqtt_exchange, SourceRules rules, Clock& clock);

  /// The decoded uploads. Empty if the message is unreadable; an error while its device cannot be looked up.
  Result<std::vector<Upload>> read(const Delivered& delivered);

 private:
  Result<std::vector<Upload>> over_mqtt(const Delivered& delivered);

  const std::string mqtt_exchange_;
  const SourceRules rules_;
  Clock& clock_;
};

}  // namespace packwalk::rabbitmq
