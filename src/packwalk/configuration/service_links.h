// Environment variables that Kubernetes sets in every pod for every Service of its namespace.
#pragma once

#include <string_view>

namespace packwalk {

/// Whether a variable whose name begins with PACKWALK_ comes from a Service whose name begins with `packwalk`, and is
/// not a setting: PACKWALK_SERVICE_HOST, PACKWALK_MQTT_PORT=tcp://10.0.0.7:8883, PACKWALK_PORT_8080_TCP_ADDR.
/// https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
bool is_service_link(std::string_view name, std::string_view value);

}  // namespace packwalk
