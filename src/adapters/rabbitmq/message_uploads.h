// The uploads that a message of the queue carries, whether a gateway or a collar over MQTT published it.
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
  /// `mqtt_exchange`: to which collars publish. `clock` outlives it.
  MessageUploads(std::string mqtt_exchange, SourceRules rules, Clock& clock);

  /// Decoded. None when nobody can read the message; an error while nobody can tell whose it is.
  Result<std::vector<Upload>> read(const Delivered& delivered);

 private:
  Result<std::vector<Upload>> over_mqtt(const Delivered& delivered);

  const std::string mqtt_exchange_;
  const SourceRules rules_;
  Clock& clock_;
};

}  // namespace packwalk::rabbitmq
