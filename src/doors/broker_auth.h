// What RabbitMQ asks about collars that speak MQTT (rabbitmq_auth_backend_http): who it is, and what it may.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/access/mqtt_permissions.h"
#include "app/devices/device_directory.h"
#include "doors/refusals.h"
#include "http/blocking_pool.h"
#include "http/router.h"

namespace packwalk {

/// What the answers are made of; main owns all of it, and it outlives every request.
struct BrokerAuthParts {
  DeviceDirectory& directory;
  BlockingPool& pool;
  MqttDoor door;
  std::string secret;  // that the broker has in its paths; "" where only this machine can ask
  /// Told of each answer: "user", "vhost", "resource" or "topic", and "allow", "deny" or "error".
  std::function<void(std::string_view question, std::string_view answer)> count;
  /// Told of each caller that is not let in.
  std::function<void(const Refusal&)> refused = [](const Refusal&) {};
};

/// POST /auth/user, /auth/vhost, /auth/resource, /auth/topic, each a form: 200 with `allow` or `deny`. 503 while nobody
/// can look the device up: RabbitMQ refuses it then and does not remember that it did. They say who a device is to
/// whoever asks, so they are for the broker alone: on a listener of its own, never on that of the doors. With a secret
/// the paths are /auth/SECRET/user and so on; another secret is answered 404, as any unknown path.
std::vector<Route> broker_auth_routes(BrokerAuthParts parts);

}  // namespace packwalk
