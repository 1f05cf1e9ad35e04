// Log lines about requests. A path may hold a token, so lines have the pattern of the route instead.
#pragma once

#include <array>

#include "api/ask.h"
#include "base/last_time.h"
#include "http/job_pool.h"
#include "http/service.h"

namespace packwalk {

/// An exception of a handler, or a response that cannot be sent.
void log_fault(const Fault& fault);
/// An exception of the work for a request on a pool.
void log_job_fault(const JobFault& fault);

/// Logs errors behind answers of the API. Logs each error of a damaged thing, because its answer refers to the log. Of
/// each other kind it logs at most one per minute: while the store is down, every query fails. Thread-safe.
class AnswerFaultLog {
 public:
  void note(const AnswerFault& fault);

 private:
  std::array<LastTime, static_cast<std::size_t>(Errc::broken) + 1> logged_;  // by kind
};

/// One line per request, of level debug.
void log_answer(const AnsweredRequest& answered);

}  // namespace packwalk
