#include "packwalk/roles/open_roles.h"

#include <optional>
#include <utility>

#include "adapters/redis/bus.h"
#include "adapters/redis/redis_seen_keys.h"
#include "adapters/system/system_clock.h"
#include "app/ingest/hinted_ingest_store.h"
#include "packwalk/roles/analysis_role.h"
#include "packwalk/roles/api_role.h"
#include "packwalk/roles/gateway_role.h"
#include "packwalk/roles/ingest_role.h"
#include "packwalk/roles/live_fan.h"
#include "packwalk/roles/notify_role.h"
#include "packwalk/roles/open_queue.h"

namespace packwalk {
namespace {

Result<std::unique_ptr<Shared>> open_shared(Installation& installation, RoleSet set, const std::string& name) {
  SharedPorts ports{.clock = make_system_clock(), .registry = {}, .health = {}};
  auto registry = installation.device_registry();
  if (!registry) return registry.failure();
  ports.registry = *std::move(registry);
  if (set.gateway) {
    auto health = installation.device_health();
    if (!health) return health.failure();
    ports.health = *std::move(health);
  }
  return std::make_unique<Shared>(installation.config().http, name, std::move(ports));
}

/// Opens everything but the queue and the feed.
Result<IngestPorts> open_ingest(Installation& installation, Clock& clock) {
  const Config& config = installation.config();
  IngestPorts ports;
  auto store = installation.ingest_store(clock);
  if (!store) return store.failure();
  ports.store = *std::move(store);
  if (config.cache.is_used()) {
    auto seen = make_redis_seen_keys(config.cache);
    if (!seen) return seen.failure();
    ports.store = make_hinted_ingest_store(std::move(ports.store), *std::move(seen));
  }
  auto keeper = installation.keeper();
  if (!keeper) return keeper.failure();
  ports.keeper = *std::move(keeper);
  if (config.archive.is_used()) {
    auto archive = installation.archive();
    if (!archive) return archive.failure();
    ports.archive = *std::move(archive);
  }
  return ports;
}

Result<NotifyPorts> open_notify(Installation& installation) {
  auto outbox = installation.outbox();
  if (!outbox) return outbox.failure();
  auto channel = open_channel(installation.config().notify);
  if (!channel) return channel.failure();
  return NotifyPorts{*std::move(outbox), *std::move(channel)};
}

Failing failing(bool is_alone) { return is_alone ? Failing::is_trouble : Failing::is_logged; }

/// The feed to `here`, if there is one, and to the bus, if there is one.
Result<std::unique_ptr<LiveFeed>> open_feed(const BusSection& bus, LiveFeed* here) {
  std::unique_ptr<LiveFeed> others;
  if (bus.is_used()) {
    auto feed = make_redis_feed(bus);
    if (!feed) return feed.failure();
    others = *std::move(feed);
  }
  return std::make_unique<LiveFan>(here, std::move(others));
}

/// The parts of each role, before the roles are constructed.
struct AllPorts {
  std::optional<IngestPorts> ingest;
  std::unique_ptr<AnalysisStore> analysis;
  std::optional<NotifyPorts> notify;
  std::unique_ptr<QueryStore> queries;
  std::unique_ptr<MessageReader> messages;
  QueueEnds queue;
};

Result<AllPorts> open_ports(Installation& installation, Shared& shared, RoleSet set) {
  AllPorts ports;
  if (set.ingest) {
    auto ingest = open_ingest(installation, shared.clock);
    if (!ingest) return ingest.failure();
    ports.ingest = *std::move(ingest);
  }
  if (set.analysis) {
    auto store = installation.analysis_store();
    if (!store) return store.failure();
    ports.analysis = *std::move(store);
  }
  if (set.notify) {
    auto notify = open_notify(installation);
    if (!notify) return notify.failure();
    ports.notify = *std::move(notify);
  }
  if (set.api) {
    auto store = installation.query_store();
    if (!store) return store.failure();
    ports.queries = *std::move(store);
    auto messages = installation.message_reader();
    if (!messages) return messages.failure();
    ports.messages = *std::move(messages);
  }
  auto queue = open_queue(installation, shared, set);
  if (!queue) return queue.failure();
  ports.queue = *std::move(queue);
  return ports;
}

ApiPorts ports_of_api(const BusSection& bus, AllPorts& ports, const AdminToken& token) {
  ApiPorts of_api{
      .store = std::move(ports.queries), .messages = std::move(ports.messages), .admin_token = token, .follow = {}};
  if (bus.is_used()) of_api.follow = [bus](LiveListener& listener) { return make_redis_source(bus, listener); };
  return of_api;
}

/// A role starts before the roles that feed it. A new role is one line here and one file beside the others.
Result<std::vector<std::unique_ptr<Role>>> make_roles(const Config& config, Shared& shared, AllPorts ports, RoleSet set,
                                                      const AdminToken& token) {
  std::vector<std::unique_ptr<Role>> roles;
  if (set.gateway) {
    GatewayPorts of_gateway{std::move(ports.queue.intake), std::move(ports.queue.mqtt_door)};
    roles.push_back(std::make_unique<GatewayRole>(config, shared, std::move(of_gateway)));
  }
  LiveFeed* positions = nullptr;
  if (set.api) {
    const bool is_told = set.ingest && config.store.is_embedded();  // otherwise there may be more than one ingest
    auto api = std::make_unique<ApiRole>(config, shared, ports_of_api(config.bus, ports, token),
                                         is_told ? ApiRole::ToldHere::everything : ApiRole::ToldHere::nothing);
    positions = &api->positions();
    roles.push_back(std::move(api));
  }
  if (set.analysis) {
    roles.push_back(std::make_unique<AnalysisRole>(std::move(ports.analysis), config.analysis.rules, shared.clock,
                                                   failing(set == RoleSet{.analysis = true})));
  }
  if (set.notify) {
    roles.push_back(std::make_unique<NotifyRole>(*std::move(ports.notify), shared.clock, shared.clock_alarm,
                                                 failing(set == RoleSet{.notify = true})));
  }
  if (set.ingest) {
    auto live = open_feed(config.bus, positions);
    if (!live) return live.failure();
    ports.ingest->live = *std::move(live);
    ports.ingest->source = std::move(ports.queue.source);
    roles.push_back(std::make_unique<IngestRole>(config, shared, *std::move(ports.ingest)));
  }
  return roles;
}

}  // namespace

Result<OpenRoles> open_roles(Installation& installation, RoleSet set, const std::string& name, AdminTokenFile& token) {
  const Config& config = installation.config();
  if (set != every_role && config.store.is_embedded()) {
    return fail(Errc::invalid_input,
                "store.url is not set, but roles in processes of their own share a database. Set store.url, or run "
                "`packwalk serve`");
  }
  auto shared = open_shared(installation, set, name);
  if (!shared) return shared.failure();
  auto ports = open_ports(installation, **shared, set);
  if (!ports) return ports.failure();
  const auto admin_token = token.read();
  if (!admin_token) return admin_token.failure();
  auto roles = make_roles(config, **shared, *std::move(ports), set, **admin_token);
  if (!roles) return roles.failure();
  return OpenRoles{*std::move(shared), *std::move(roles)};
}

}  // namespace packwalk
