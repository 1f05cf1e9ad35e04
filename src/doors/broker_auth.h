// Authentication and permissions of MQTT collars, for RabbitMQ (rabbitmq_auth_backend_http).
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

/// The parts that the answers need. main owns them, and they outlive every request.
struct BrokerAuthParts {
  DeviceDirectory& directory;
  BlockingPool& pool;
  MqttDoor door;
  std::string secret;  // in the broker's paths; "" on a loopback address
  /// Called for each answer, with "user", "vhost", "resource" or "topic", and "allow", "deny" or "error".
  std::function<void(std::string_view question, std::string_view answer)> count;
  /// Called for each client that is denied.
  std::function<void(const Refusal&)> refused = [](const Refusal&) {};
};

/// POST /auth/user, /auth/vhost, /auth/resource, /auth/topic, each a form: 200 with `allow` or `deny`. 503 while the
/// device cannot be looked up: RabbitMQ then refuses it, and does not cache the answer. The routes identify devices to
/// any client, so only the broker may reach them: on a listener of its own, never on that of the doors. With a secret,
/// the paths are /auth/SECRET/user and so on; another secret is answered 404, like any unknown path.
std::vector<Route> broker_auth_routes(BrokerAuthParts parts);

}  // namespace packwalk
