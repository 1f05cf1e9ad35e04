// Selects read-only replicas whose lag is small enough.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "base/work_limits.h"

namespace packwalk::sql {

struct ReplicaOptions {
  std::vector<std::string> urls;    // empty: the primary answers all queries
  std::chrono::seconds lag_max{5};  // a replica with a larger lag is not queried
};

/// Measures the lag of replicas, with one thread per replica. A replica is usable if it has replayed everything that
/// the primary had written `lag_max` ago. While the primary cannot be queried, the result does not change. Thread-safe.
class Replicas {
 public:
  Replicas(const std::string& primary_url, const ReplicaOptions& options);
  ~Replicas();

  /// Queries the usable replicas in turn, and the primary if none is usable or the replica fails. `ports` are those of
  /// the replicas, in the order of their urls.
  template <class Port, class Query>
  std::invoke_result_t<Query, Port&> ask(Port& primary, std::span<const std::unique_ptr<Port>> ports,
                                         const Query& query) {
    const std::size_t first = next_++;
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const std::size_t replica = (first + i) % ports.size();
      if (!is_near(replica)) continue;
      auto answer = query(*ports[replica]);
      if (answer || work_limits().gone.stop_requested()) return answer;
      fail(replica);
      if (work_must_end()) return answer;
    }
    return query(primary);
  }

 private:
  class Replica;

  bool is_near(std::size_t replica) const;
  void fail(std::size_t replica);

  std::vector<std::unique_ptr<Replica>> replicas_;
  std::atomic<std::size_t> next_ = 0;
};

}  // namespace packwalk::sql
