// The permissions of MQTT collars at the broker: publish their packets, read their commands, and nothing else.
#pragma once

#include <string>
#include <string_view>

namespace packwalk {

/// The virtual host and the exchange that collars use.
struct MqttDoor {
  std::string vhost;
  std::string exchange;
};

/// An operation on a resource of the broker, in the broker's terms.
struct BrokerAccess {
  std::string vhost;
  std::string kind;  // exchange, queue, or topic; for topic, `name` is the exchange
  std::string name;
  std::string permission;   // configure, write or read
  std::string routing_key;  // of a topic
};

/// The broker allows one connection per client id, and a new one ends the old one. So the client id must be the
/// device's id, or begin with it and a character that ids cannot contain (rex/2): no device can end another's
/// connection.
bool may_call_itself(std::string_view device, std::string_view client_id);

/// Whether `device` may do it. Compares whole names, without patterns.
bool may_access(const MqttDoor& door, std::string_view device, const BrokerAccess& access);

}  // namespace packwalk
