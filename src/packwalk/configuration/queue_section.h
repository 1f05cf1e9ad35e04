// [queue]: the brokers between roles that run in processes of their own.
#pragma once

#include <vector>

#include "adapters/rabbitmq/broker.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

/// Without urls, the queue is a journal in the data folder.
struct QueueSection : BrokerOptions {
  bool is_embedded() const { return urls.empty(); }
};

std::vector<Setting<QueueSection>> queue_settings();

}  // namespace packwalk
