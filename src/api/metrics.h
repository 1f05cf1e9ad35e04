// What the server counts of itself, in Prometheus's text form.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/analysis/run_analysis.h"
#include "app/ingest/ingest_batch.h"
#include "http/blocking_pool.h"
#include "http/router.h"
#include "ports/packet_queue.h"

namespace packwalk {

/// Thread-safe.
class Metrics {
 public:
  /// packwalk_build_info{version, commit, role}
  struct Build {
    std::string version;
    std::string commit;
    std::string role;
  };
  explicit Metrics(const Build& build);
  ~Metrics();

  /// What counts the answers of a listener with these routes: packwalk_http_requests_total{route, code},
  /// packwalk_http_request_duration_seconds{route, class}. It must end before this does.
  std::function<void(const AnsweredRequest&)> observer_of(const std::vector<Route>& routes);
  /// packwalk_mqtt_auth_total{question, answer}: what the broker asked about collars, and was told; literals.
  void count_mqtt_auth(std::string_view question, std::string_view answer);
  /// packwalk_device_refusals_total{door, limit}: requests of known devices that a limit refused; literals.
  void count_device_refusal(std::string_view door, std::string_view limit);
  /// packwalk_log_in_failures_total{cause}: requests that were refused for their token; literals.
  void count_log_in_failure(std::string_view cause);
  /// packwalk_packets_total{kind, verdict}, packwalk_commit_messages, packwalk_commit_seconds,
  /// packwalk_erased_messages_total, packwalk_commit_failures_total
  void count_batch(const Result<IngestReport>& report);

  /// Values that are looked up when somebody asks.
  struct Levels {
    QueueDepth queue;
    std::size_t devices = 0;
    std::size_t positions = 0;
    std::size_t connections = 0;
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
  std::string text(const Levels& levels);

 private:
  class Families;
  std::unique_ptr<Families> families_;
};

}  // namespace packwalk
