// Counts and times of requests in Prometheus's form.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "http/request_counts.h"

namespace packwalk {

/// packwalk_http_requests_total{route, code}
prometheus::MetricFamily family_of_requests(const std::vector<RequestCounts::OfRoute>& routes);
/// packwalk_http_request_duration_seconds{route, class}
prometheus::MetricFamily family_of_times(const std::vector<RequestCounts::OfRoute>& routes);

}  // namespace packwalk
