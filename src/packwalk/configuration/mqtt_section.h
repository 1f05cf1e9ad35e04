// [mqtt]: authentication of collars that use MQTT, for the broker.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/server.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

struct MqttSection {
  std::optional<ServerOptions> auth;  // the listener for the broker
  std::string auth_secret;            // if empty, the listener must be a loopback address
  std::uint16_t port = 8883;          // of the MQTT plug-in at the broker
};

std::vector<Setting<MqttSection>> mqtt_settings();

/// Fails if other machines could use the listener without a secret.
Result<void> check(const MqttSection& mqtt);

}  // namespace packwalk
