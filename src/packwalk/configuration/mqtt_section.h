// [mqtt]: what a gateway tells the broker about collars that speak MQTT.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/server.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

struct MqttSection {
  std::optional<ServerOptions> auth;  // where the broker asks about collars
  std::string auth_secret;            // without it, only this machine may ask
  std::uint16_t port = 8883;          // where collars find the broker
};

std::vector<Setting<MqttSection>> mqtt_settings();

/// Whether only the broker can ask.
Result<void> check(const MqttSection& mqtt);

}  // namespace packwalk
