// The configuration: defaults, then a TOML file, then environment variables, then the command line.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/clickhouse/clickhouse_archive.h"
#include "adapters/journal/journal_packet_queue.h"
#include "adapters/postgres/replicated_query_store.h"
#include "adapters/rabbitmq/broker.h"
#include "adapters/redis/bus.h"
#include "adapters/redis/redis_seen_keys.h"
#include "app/archive/copy_to_archive.h"
#include "app/ingest/accept_packets.h"
#include "core/walk/analysis_rules.h"
#include "http/server.h"
#include "packwalk/installation/log.h"
#include "ports/store_keeper.h"

namespace packwalk {

/// An environment variable that looks like a setting and is none.
struct UnknownVariable {
  std::string name;
  std::optional<std::string> nearest;  // of those that there are
};

struct Config {
  std::string store_url;  // empty: SQLite in the data folder
  sql::ReplicaOptions replicas;
  KeepRules keep;
  ArchiveOptions archive;  // without a url: the store keeps all originals
  CopyRules copying;
  ServerOptions http;
  std::size_t unpacked_bytes_max = 8UL * 1024 * 1024;
  std::size_t failed_log_ins_max = 300;  // per minute and address
  AcceptRules packets;
  DeviceLimitRules device_limits{.day_max = 500'000, .unreadable_max = 600};
  QueueLimits queue;
  BusOptions bus;                          // without a url: an api node looks into the database every few seconds
  CacheOptions cache;                      // without a url: nobody guesses which keys are taken
  BrokerOptions broker;                    // without urls: the queue is a journal in the data folder
  ServerOptions ops{.port = 8081};         // where operators find metrics
  bool ops_is_chosen = false;              // by the configuration, so it must be just that
  std::optional<ServerOptions> mqtt_auth;  // where the broker asks about collars
  std::string mqtt_auth_secret;            // without it, only this machine may ask
  std::uint16_t mqtt_port = 8883;          // where collars find the broker
  std::string analysis_preset = "specification";
  std::map<std::string, double> analysis_settings;  // by name; what is not here is as the preset says
  AnalysisRules analysis;                           // what both make
  std::size_t batch_messages_max = 10'000;
  std::size_t cache_bytes = std::size_t{64} * 1024 * 1024;
  std::size_t query_threads = 2;
  std::size_t queries_max = 256;
  std::chrono::seconds query_max{20};
  std::chrono::seconds store_wait_max{30};
  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::logfmt;
  std::vector<UnknownVariable> unknown_variables;  // in the order of their names
};

/// Reads `file` (none: packwalk.toml in the folder `data`, where there is one) and the environment variables
/// PACKWALK_<SECTION>_<KEY>. An unknown key of the file is an error that names it; so is a value out of range, in
/// either. Variables that nobody knows may be somebody else's: they are listed in the Config, except for those of
/// Kubernetes (service_links.h), PACKWALK_DATA and PACKWALK_CONFIG.
Result<Config> load_config(const std::string& data, const std::optional<std::string>& file,
                           const char* const* environment);

/// Sets `http.listen`: "address:port", "[::1]:port". An error says what it must be.
Result<void> set_listen(Config& config, const std::string& address);

/// A TOML file with every key, what it means and its default. docs/packwalk.toml is this text.
std::string documented_config();

}  // namespace packwalk
