// The topics of collars that speak MQTT, as routing keys: RabbitMQ puts a dot for each slash. v1/ID/packets is what a
// collar publishes, v1/ID/commands what it hears.
#pragma once

#include <optional>
#include <string_view>

namespace packwalk {

inline constexpr const char* every_packets_key = "v1.*.packets";  // as a queue is bound

/// The id in "v1.ID.packets"; nothing for another routing key.
std::optional<std::string_view> device_of_packets_key(std::string_view key);
/// The id in "v1.ID.commands".
std::optional<std::string_view> device_of_commands_key(std::string_view key);

}  // namespace packwalk
