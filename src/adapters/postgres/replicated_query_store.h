// Sends queries to read-only replicas with a small lag.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapters/postgres/replicas.h"
#include "ports/message_reader.h"
#include "ports/query_store.h"

namespace packwalk::sql {

/// A primary, its replicas, and the measurement of their lag.
struct PostgresServers {
  std::string primary_url;
  std::vector<std::string> replica_urls;
  std::shared_ptr<Replicas> replicas;
};

/// Makes the port of one server.
template <class Port>
using PortAt = std::function<std::unique_ptr<Port>(const std::string& url)>;

/// As Replicas::ask() describes. Positions of all devices always come from the primary: they must not be older than the
/// next message of the bus.
std::unique_ptr<QueryStore> make_replicated_query_store(const PostgresServers& servers,
                                                        const PortAt<QueryStore>& store_at);
std::unique_ptr<MessageReader> make_replicated_message_reader(const PostgresServers& servers,
                                                              const PortAt<MessageReader>& reader_at);

}  // namespace packwalk::sql
