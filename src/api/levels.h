// What a server can say of itself when somebody asks: how much waits, how old it is, what was done.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "app/analysis/run_analysis.h"
#include "http/blocking_pool.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// Values that are looked up when somebody asks.
struct Levels {
  QueueDepth queue;
  std::size_t devices = 0;
  std::size_t positions = 0;
  struct Listener {
    std::string_view name;  // a literal
    std::size_t connections = 0;
  };
  std::vector<Listener> listeners;
  std::size_t request_bytes = 0;   // that http.bodies_bytes_max bounds
  std::size_t response_bytes = 0;  // that http.responses_bytes_max bounds
  std::size_t pool_jobs = 0;
  std::size_t bodies = 0;
  std::array<std::uint64_t, job_end_count> questions{};       // by how they ended
  std::optional<std::chrono::microseconds> oldest_event_age;  // none: this process does not look after it
  struct Copying {
    std::int64_t backlog = 0;
    std::int64_t copied = 0;
    std::int64_t failures = 0;
    std::chrono::microseconds oldest_age{0};
  };
  std::optional<Copying> archive;
  std::optional<AnalysisLevels> analysis;  // none: this process does not analyse
  struct Notify {
    std::int64_t waiting = 0;  // events that are not delivered to everybody
    std::int64_t sent = 0;
    std::int64_t failures = 0;
    std::int64_t given_up = 0;
    std::int64_t too_old = 0;  // were not sent for their age
    std::chrono::microseconds oldest_age{0};
  };
  std::optional<Notify> notify;  // none: this process sends no events
  /// process_.., as the client libraries of Prometheus have them; none: the system does not tell.
  struct Process {
    std::int64_t resident_bytes = 0;
    std::int64_t open_files = 0;
    double cpu_seconds = 0;
    double started_at = 0;  // seconds since 1970
  };
  std::optional<Process> process;
};

}  // namespace packwalk
