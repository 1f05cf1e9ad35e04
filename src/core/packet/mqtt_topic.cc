#include "core/packet/mqtt_topic.h"

namespace packwalk {
namespace {

std::optional<std::string_view> device_before(std::string_view after, std::string_view key) {
  constexpr std::string_view before = "v1.";
  if (!key.starts_with(before) || !key.ends_with(after) || key.size() <= before.size() + after.size()) {
    return std::nullopt;
  }
  return key.substr(before.size(), key.size() - before.size() - after.size());
}

}  // namespace

std::optional<std::string_view> device_of_packets_key(std::string_view key) { return device_before(".packets", key); }
std::optional<std::string_view> device_of_commands_key(std::string_view key) { return device_before(".commands", key); }

}  // namespace packwalk
