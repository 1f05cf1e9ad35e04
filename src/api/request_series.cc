#include "api/request_series.h"

#include <limits>
#include <string>

namespace packwalk {
namespace {

using Metric = prometheus::ClientMetric;

Metric::Histogram histogram_of(const RequestCounts::Times& times) {
  Metric::Histogram histogram;
  for (std::size_t i = 0; i < times.counts.size(); ++i) {
    histogram.sample_count += times.counts.at(i);
    const bool is_last = i == RequestCounts::bounds.size();
    const double bound = is_last ? std::numeric_limits<double>::infinity() : RequestCounts::bounds.at(i);
    histogram.bucket.push_back({histogram.sample_count, bound});
  }
  histogram.sample_sum = times.seconds;
  return histogram;
}

}  // namespace

prometheus::MetricFamily family_of_requests(const std::vector<RequestCounts::OfRoute>& routes) {
  prometheus::MetricFamily family{"packwalk_http_requests_total",
                                  "Requests answered, by route and status code.",
                                  prometheus::MetricType::Counter,
                                  {}};
  for (const auto& route : routes) {
    for (const auto& [status, count] : route.by_status) {
      Metric& metric = family.metric.emplace_back();
      metric.label = {{"route", std::string(route.pattern)}, {"code", std::to_string(status)}};
      metric.counter.value = static_cast<double>(count);
    }
  }
  return family;
}

prometheus::MetricFamily family_of_times(const std::vector<RequestCounts::OfRoute>& routes) {
  prometheus::MetricFamily family{"packwalk_http_request_duration_seconds",
                                  "From the end of a request's head until its answer begins to be sent, by route and "
                                  "class of status.",
                                  prometheus::MetricType::Histogram,
                                  {}};
  for (const auto& route : routes) {
    for (std::size_t i = 0; i < route.by_class.size(); ++i) {
      if (route.by_class.at(i).count() == 0) continue;
      Metric& metric = family.metric.emplace_back();
      metric.label = {{"route", std::string(route.pattern)}, {"class", std::to_string(i + 1) + "xx"}};
      metric.histogram = histogram_of(route.by_class.at(i));
    }
  }
  return family;
}

}  // namespace packwalk
