#include "packwalk/roles/shared.h"

#include <string_view>
#include <utility>

#include "packwalk/installation/build.h"
#include "packwalk/installation/version.h"
#include "packwalk/roles/request_log.h"

namespace packwalk {

Shared::Shared(const HttpSection& http, const std::string& name, SharedPorts ports)
    : owned_clock_(std::move(ports.clock)),
      clock(*owned_clock_),
      directory(std::move(ports.registry)),
      clock_alarm(clock),
      metrics({version, std::string(build_commit()), name}),
      refusals(directory, clock, std::move(ports.health)),
      failed_log_ins({.per_minute_max = http.failed_log_ins_max,
                      .refused =
                          [this](std::string_view door, LogInFailure cause, const std::string& address) {
                            metrics.count_log_in_failure(name_of(cause));
                            refusals.note({door, name_of(cause), address});
                          }}),
      pool(http.query_threads, http.queries_max, log_job_fault) {}

}  // namespace packwalk
