// Which read-only replicas are near enough to the primary to be queried.
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
  std::vector<std::string> urls;    // none: the primary answers everything
  std::chrono::seconds lag_max{5};  // a replica further behind is not queried
};

/// Watches the lag of replicas, with a thread per replica. A replica is near enough when it has replayed, less than
/// `lag_max` ago, all that the primary had written; while the primary cannot be queried each stays what it was.
/// Thread-safe.
class Replicas {
 public:
  Replicas(const std::string& primary_url, const ReplicaOptions& options);
  ~Replicas();

  /// Queries the replicas in turn, and the primary when none is near enough or the one that was fails. `ports` are the
  /// replicas', in the order of their urls.
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
