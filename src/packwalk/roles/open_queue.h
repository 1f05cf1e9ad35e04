// The queue between the roles: a journal in the data folder, or RabbitMQ.
#pragma once

#include <memory>
#include <optional>

#include "packwalk/installation/installation.h"
#include "packwalk/roles/gateway_role.h"
#include "packwalk/roles/role_set.h"
#include "packwalk/roles/shared.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// Empty ends are those that no role needs. One object may be both ends.
struct QueueEnds {
  std::shared_ptr<PacketIntake> intake;  // gateway
  std::optional<MqttDoor> mqtt_door;     // gateway
  std::shared_ptr<PacketSource> source;  // ingest
};

/// Opens the ends that the roles need. `shared` outlives them.
Result<QueueEnds> open_queue(const Installation& installation, Shared& shared, RoleSet roles);

}  // namespace packwalk
