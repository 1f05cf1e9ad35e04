// The role that takes packets: the doors, and the authentication of MQTT collars for the broker.
#pragma once

#include <memory>
#include <optional>

#include "app/access/mqtt_permissions.h"
#include "app/ingest/accept_packets.h"
#include "doors/body_pool.h"
#include "packwalk/configuration/config.h"
#include "packwalk/roles/role.h"
#include "packwalk/roles/shared.h"
#include "ports/packet_queue.h"

namespace packwalk {

struct GatewayPorts {
  std::shared_ptr<PacketIntake> intake;
  std::optional<MqttDoor> mqtt_door;  // of a broker with MQTT collars
};

class GatewayRole final : public Role {
 public:
  GatewayRole(const Config& config, Shared& shared, GatewayPorts ports);

  std::vector<Route> routes() override;
  std::vector<OwnListener> own_listeners() override;
  Result<void> start() override { return {}; }  // all its threads belong to the intake and the pools
  void refuse() override { ports_.intake->close(); }
  void drain() override { bodies_.join(); }
  Readiness trouble() const override;
  void measure(Metrics::Levels& levels) const override;

 private:
  const HttpSection http_;
  const MqttSection mqtt_;
  Shared& shared_;
  const GatewayPorts ports_;
  const AcceptPackets packets_;
  BodyPool bodies_;
};

}  // namespace packwalk
