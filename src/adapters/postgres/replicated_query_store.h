// Queries go to read-only replicas, as long as they are near enough.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/replicas.h"
#include "ports/message_reader.h"
#include "ports/query_store.h"

namespace packwalk::sql {

/// A primary, its replicas, and who watches their lag.
struct PostgresServers {
  std::string primary_url;
  std::vector<std::string> replica_urls;
  std::shared_ptr<Replicas> replicas;
};

/// Makes the port of one server.
template <class Port>
using PortAt = std::function<std::unique_ptr<Port>(const std::string& url)>;

/// As Replicas::ask() says. Positions of all devices are always the primary's: they must not be older than what a bus
/// tells next.
std::unique_ptr<QueryStore> make_replicated_query_store(const PostgresServers& servers,
                                                        const PortAt<QueryStore>& store_at);
std::unique_ptr<MessageReader> make_replicated_message_reader(const PostgresServers& servers,
                                                              const PortAt<MessageReader>& reader_at);

}  // namespace packwalk::sql
