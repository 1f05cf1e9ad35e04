#include "packwalk/roles/request_log.h"

#include <chrono>

#include "packwalk/installation/log.h"

namespace packwalk {

void log_fault(const Fault& fault) {
  log_error("request_failed", {{"method", fault.method},
                               {"route", fault.pattern},
                               {"address", fault.address},
                               {"request_id", fault.request_id},
                               {"error", fault.what}});
}

void log_job_fault(const JobFault& fault) {
  log_error("job_failed", {{"pool", fault.pool}, {"request_id", fault.request_id}, {"error", fault.what}});
}

void AnswerFaultLog::note(const AnswerFault& fault) {
  if (fault.error.code != Errc::corrupt) {
    LastTime& logged = logged_.at(static_cast<std::size_t>(fault.error.code));
    if (logged.is_within(std::chrono::minutes(1))) return;
    logged.note();
  }
  const Request& request = fault.request;
  log_fault({.method = name_of(request.method),
             .pattern = fault.pattern,
             .address = request.remote_address,
             .what = fault.error.detail,
             .request_id = request.id});
}

void log_answer(const AnsweredRequest& answered) {
  const std::chrono::duration<double> took = answered.took.value_or(std::chrono::steady_clock::duration(0));
  log_debug("answered", {{"method", answered.method},
                         {"route", answered.pattern},
                         {"status", answered.status},
                         {"seconds", took.count()},
                         {"address", answered.address},
                         {"request_id", answered.request_id}});
}

}  // namespace packwalk
