#include "adapters/postgres/replicated_query_store.h"

#include <type_traits>
#include <utility>
#include <vector>

namespace packwalk::sql {
namespace {

/// One port per server.
template <class Port>
struct Ports {
  std::unique_ptr<Port> primary;
  std::vector<std::unique_ptr<Port>> replicas;
};

template <class Port>
Ports<Port> ports_of(const PostgresServers& servers, const PortAt<Port>& port_at) {
  Ports<Port> ports{port_at(servers.primary_url), {}};
  for (const std::string& url : servers.replica_urls) ports.replicas.push_back(port_at(url));
  return ports;
}

class ReplicatedQueryStore final : public QueryStore {
 public:
  ReplicatedQueryStore(Ports<QueryStore> ports, std::shared_ptr<Replicas> replicas)
      : ports_(std::move(ports)), replicas_(std::move(replicas)) {}

  Result<std::vector<ListedDevice>> devices(std::string_view prefix, std::string_view after,
                                            std::size_t limit) override {
    return ask([&](QueryStore& store) { return store.devices(prefix, after, limit); });
  }
  Result<std::vector<Fix>> fixes(DeviceNumber device, TimeRange range, Paging page) override {
    return ask([&](QueryStore& store) { return store.fixes(device, range, page); });
  }
  Result<std::vector<Sample>> samples(DeviceNumber device, TimeRange range, std::size_t limit) override {
    return ask([&](QueryStore& store) { return store.samples(device, range, limit); });
  }
  Result<std::vector<Track>> tracks(DeviceNumber device, TimeRange range, Paging page) override {
    return ask([&](QueryStore& store) { return store.tracks(device, range, page); });
  }
  Result<std::vector<ActivitySum>> activity(DeviceNumber device, TimeRange range) override {
    return ask([&](QueryStore& store) { return store.activity(device, range); });
  }
  Result<std::vector<OfPair<JointWalk>>> joint_walks(DeviceNumber device, TimeRange range, const WalkCursor& after,
                                                     Paging page) override {
    return ask([&](QueryStore& store) { return store.joint_walks(device, range, after, page); });
  }
  Result<std::vector<OfPair<JointWalk>>> joint_walks_of_pair(DeviceNumber a, DeviceNumber b, TimeRange range,
                                                             const WalkCursor& after, Paging page) override {
    return ask([&](QueryStore& store) { return store.joint_walks_of_pair(a, b, range, after, page); });
  }
  Result<std::vector<Companion>> companions(DeviceNumber device, TimeRange range, const CompanionCursor& after,
                                            std::size_t limit) override {
    return ask([&](QueryStore& store) { return store.companions(device, range, after, limit); });
  }
  Result<CurrentState> state(DeviceNumber device) override {
    return ask([&](QueryStore& store) { return store.state(device); });
  }
  Result<void> each_position(const std::function<void(const DevicePosition&)>& take) override {
    return ports_.primary->each_position(take);
  }

 private:
  template <class Query>
  std::invoke_result_t<Query, QueryStore&> ask(const Query& query) {
    return replicas_->ask<QueryStore>(*ports_.primary, ports_.replicas, query);
  }

  const Ports<QueryStore> ports_;
  const std::shared_ptr<Replicas> replicas_;
};

class ReplicatedMessageReader final : public MessageReader {
 public:
  ReplicatedMessageReader(Ports<MessageReader> ports, std::shared_ptr<Replicas> replicas)
      : ports_(std::move(ports)), replicas_(std::move(replicas)) {}

  Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict,
                                              const MessageSpan& span, Paging page) override {
    return replicas_->ask<MessageReader>(*ports_.primary, ports_.replicas, [&](MessageReader& reader) {
      return reader.messages(device, verdict, span, page);
    });
  }

 private:
  const Ports<MessageReader> ports_;
  const std::shared_ptr<Replicas> replicas_;
};

}  // namespace

std::unique_ptr<QueryStore> make_replicated_query_store(const PostgresServers& servers,
                                                        const PortAt<QueryStore>& store_at) {
  return std::make_unique<ReplicatedQueryStore>(ports_of(servers, store_at), servers.replicas);
}

std::unique_ptr<MessageReader> make_replicated_message_reader(const PostgresServers& servers,
                                                              const PortAt<MessageReader>& reader_at) {
  return std::make_unique<ReplicatedMessageReader>(ports_of(servers, reader_at), servers.replicas);
}

}  // namespace packwalk::sql
