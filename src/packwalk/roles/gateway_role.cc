#include "packwalk/roles/gateway_role.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "doors/broker_auth.h"
#include "doors/device_doors.h"
#include "packwalk/roles/queue_trouble.h"
#include "packwalk/roles/request_log.h"

namespace packwalk {
namespace {

/// A body of the greatest size must always fit, beside the part that is reserved for small ones.
BodyPool::Limits limits_of_bodies(const HttpSection& http) {
  BodyPool::Limits limits;
  const std::size_t greatest = std::max(http.body_bytes_max, http.unpacked_bytes_max);
  limits.bytes_max = std::max(limits.bytes_max, greatest + greatest / 2);
  return limits;
}

}  // namespace

GatewayRole::GatewayRole(const Config& config, Shared& shared, GatewayPorts ports)
    : http_(config.http),
      mqtt_(config.mqtt),
      shared_(shared),
      ports_(std::move(ports)),
      packets_(*ports_.intake, shared.clock, config.packets.rules, config.packets.limits),
      bodies_(limits_of_bodies(config.http)) {}

std::vector<Route> GatewayRole::routes() {
  return device_doors({.packets = packets_,
                       .directory = shared_.directory,
                       .pool = shared_.pool,
                       .bodies = bodies_,
                       .unpacked_bytes_max = http_.unpacked_bytes_max,
                       .body_bytes_max = http_.body_bytes_max,
                       .failed_log_ins = &shared_.failed_log_ins,
                       .limited = [this](std::string_view door,
                                         std::string_view limit) { shared_.metrics.count_device_refusal(door, limit); },
                       .job_failed = log_job_fault,
                       .refused = [this](const Refusal& refusal) { shared_.refusals.note(refusal); }});
}

std::vector<OwnListener> GatewayRole::own_listeners() {
  if (!ports_.mqtt_door || !mqtt_.auth) return {};
  auto routes = broker_auth_routes({shared_.directory, shared_.pool, *ports_.mqtt_door, mqtt_.auth_secret,
                                    [this](std::string_view question, std::string_view answer) {
                                      shared_.metrics.count_mqtt_auth(question, answer);
                                    },
                                    [this](const Refusal& refusal) { shared_.refusals.note(refusal); }});
  return {{"mqtt.auth_listen", OwnRoutes{*mqtt_.auth, std::move(routes)}}};
}

Readiness GatewayRole::trouble() const { return queue_trouble(*ports_.intake, shared_.clock.now()); }

void GatewayRole::measure(Metrics::Levels& levels) const {
  levels.queue = ports_.intake->depth(shared_.clock.now());
  levels.bodies = bodies_.bodies();
}

}  // namespace packwalk
