// The configuration. Each section is a file of its own: its struct, its keys and their ranges.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "packwalk/configuration/analysis_section.h"
#include "packwalk/configuration/archive_section.h"
#include "packwalk/configuration/bus_section.h"
#include "packwalk/configuration/cache_section.h"
#include "packwalk/configuration/http_section.h"
#include "packwalk/configuration/ingest_section.h"
#include "packwalk/configuration/log_section.h"
#include "packwalk/configuration/mqtt_section.h"
#include "packwalk/configuration/notify_section.h"
#include "packwalk/configuration/ops_section.h"
#include "packwalk/configuration/packets_section.h"
#include "packwalk/configuration/queue_section.h"
#include "packwalk/configuration/store_section.h"

namespace packwalk {

/// An environment variable that looks like a setting but is not one.
struct UnknownVariable {
  std::string name;
  std::optional<std::string> nearest;  // the known variable with the most similar name
};

struct Config {
  HttpSection http;
  OpsSection ops;
  StoreSection store;
  ArchiveSection archive;
  QueueSection queue;
  MqttSection mqtt;
  BusSection bus;
  CacheSection cache;
  PacketsSection packets;
  IngestSection ingest;
  LogSection log;
  AnalysisSection analysis;
  NotifySection notify;
  std::vector<UnknownVariable> unknown_variables;  // in the order of their names
};

}  // namespace packwalk
