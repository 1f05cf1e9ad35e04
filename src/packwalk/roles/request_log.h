// Log lines about requests. A path may hold a token, so lines have the pattern of the route instead.
#pragma once

#include "http/job_pool.h"
#include "http/service.h"

namespace packwalk {

/// An exception of a handler, or a response that cannot be sent.
void log_fault(const Fault& fault);
/// An exception of the work for a request on a pool.
void log_job_fault(const JobFault& fault);
/// One line per request, of level debug.
void log_answer(const AnsweredRequest& answered);

}  // namespace packwalk
