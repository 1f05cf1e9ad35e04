#include "app/access/mqtt_permissions.h"

#include "base/ids.h"
#include "core/packet/mqtt_topic.h"

namespace packwalk {
namespace {

/// The queue of a subscription. RabbitMQ creates it per client id and quality of service, and declares, binds and reads
/// it with the client's rights.
bool is_own_queue(std::string_view device, std::string_view name) {
  constexpr std::string_view before = "mqtt-subscription-";
  constexpr std::string_view quality = "qos";  // followed by a digit, 0 or 1
  if (!name.starts_with(before) || name.size() < before.size() + quality.size() + 1) return false;
  const char digit = name.back();
  name.remove_suffix(1);
  if ((digit != '0' && digit != '1') || !name.ends_with(quality)) return false;
  name.remove_suffix(quality.size());
  name.remove_prefix(before.size());
  return may_call_itself(device, name);
}

}  // namespace

bool may_call_itself(std::string_view device, std::string_view client_id) {
  if (device.empty() || !client_id.starts_with(device)) return false;
  client_id.remove_prefix(device.size());
  return client_id.empty() || !DeviceId::from_text(client_id.substr(0, 1));
}

bool may_access(const MqttDoor& door, std::string_view device, const BrokerAccess& access) {
  if (access.vhost != door.vhost) return false;
  const bool writes = access.permission == "write";
  const bool reads = access.permission == "read";
  if (access.kind == "queue")
    return (writes || reads || access.permission == "configure") && is_own_queue(device, access.name);
  if (access.name != door.exchange) return false;
  if (access.kind == "exchange") return writes || reads;
  if (access.kind != "topic") return false;
  if (writes) return device_of_packets_key(access.routing_key) == device;
  return reads && device_of_commands_key(access.routing_key) == device;
}

}  // namespace packwalk
