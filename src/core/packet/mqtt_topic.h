// The topics of MQTT collars, as routing keys: RabbitMQ replaces each slash by a dot. Collars publish to v1/ID/packets
// and subscribe to v1/ID/commands.
#pragma once

#include <optional>
#include <string_view>

namespace packwalk {

inline constexpr const char* every_packets_key = "v1.*.packets";  // as a queue is bound

/// The id in "v1.ID.packets"; empty for another routing key.
std::optional<std::string_view> device_of_packets_key(std::string_view key);
/// The id in "v1.ID.commands".
std::optional<std::string_view> device_of_commands_key(std::string_view key);

}  // namespace packwalk
