// Questions go to read-only replicas, as long as they are near enough.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/query_store.h"

namespace packwalk::sql {

struct ReplicaOptions {
  std::vector<std::string> urls;    // none: the primary answers everything
  std::chrono::seconds lag_max{5};  // a replica further behind is not asked
};

/// Asks the replicas in turn, and the primary when none can be asked or the one that was fails. Positions of all
/// devices, which must not be older than what a bus tells next, and the work that is left are always the primary's.
/// `store_at` makes the query store of one server. A replica is near enough when it has replayed, less than `lag_max`
/// ago, all that the primary had written; while the primary cannot be asked each stays what it was. A thread a replica.
std::unique_ptr<QueryStore> make_replicated_query_store(
    const std::string& primary_url, const ReplicaOptions& options,
    const std::function<std::unique_ptr<QueryStore>(const std::string& url)>& store_at);

}  // namespace packwalk::sql
