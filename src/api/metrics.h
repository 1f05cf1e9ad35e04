// What the server counts of itself, in Prometheus's text form.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/levels.h"
#include "app/ingest/ingest_batch.h"
#include "http/router.h"

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

  using Levels = packwalk::Levels;
  std::string text(const Levels& levels);

 private:
  class Families;
  std::unique_ptr<Families> families_;
};

}  // namespace packwalk
