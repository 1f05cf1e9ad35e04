// What a collar that speaks MQTT may do at the broker: publish its packets, hear its commands, and nothing else.
#pragma once

#include <string>
#include <string_view>

namespace packwalk {

/// Where collars come in.
struct MqttDoor {
  std::string vhost;
  std::string exchange;
};

/// What somebody wants to do with something of the broker, in the broker's words.
struct BrokerAccess {
  std::string vhost;
  std::string kind;  // exchange or queue; topic, then `name` is the exchange
  std::string name;
  std::string permission;   // configure, write or read
  std::string routing_key;  // of a topic
};

/// The broker has one connection for each client id and ends the one before it. So it is the device's id, or begins
/// with it and a character that no id has (rex/2): nobody ends another device's.
bool may_call_itself(std::string_view device, std::string_view client_id);

/// Of `device`, by whole names: no pattern is looked into.
bool may_access(const MqttDoor& door, std::string_view device, const BrokerAccess& access);

}  // namespace packwalk
