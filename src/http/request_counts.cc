#include "http/request_counts.h"

#include <algorithm>
#include <chrono>
#include <numeric>

namespace packwalk {
namespace {

std::size_t bucket_of(double seconds) {
  const auto& bounds = RequestCounts::bounds;
  return static_cast<std::size_t>(std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin());
}

}  // namespace

std::uint64_t RequestCounts::Times::count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

std::function<void(const AnsweredRequest&)> RequestCounts::observer_of(const std::vector<Route>& routes) {
  using Known = std::vector<std::pair<std::string_view, Counts*>>;
  std::vector<std::string_view> patterns = {""};
  for (const Route& route : routes) patterns.push_back(route.pattern);
  std::sort(patterns.begin(), patterns.end());
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  const auto known = std::make_shared<Known>();
  const std::lock_guard lock(mutex_);
  for (const std::string_view pattern : patterns) {
    auto& counts = routes_[pattern];
    if (!counts) counts = std::make_unique<Counts>();
    known->emplace_back(pattern, counts.get());
  }
  return [known = std::shared_ptr<const Known>(known)](const AnsweredRequest& answered) {
    const auto found =
        std::lower_bound(known->begin(), known->end(), answered.pattern,
                         [](const auto& each, std::string_view pattern) { return each.first < pattern; });
    const bool is_known = found != known->end() && found->first == answered.pattern;
    count(is_known ? *found->second : *known->front().second, answered);
  };
}

void RequestCounts::count(Counts& counts, const AnsweredRequest& answered) {
  for (StatusCount& each : counts.by_status) {
    int status = each.status.load(std::memory_order_relaxed);
    if (status == 0 && each.status.compare_exchange_strong(status, answered.status, std::memory_order_relaxed)) {
      status = answered.status;
    }
    if (status != answered.status) continue;
    each.count.fetch_add(1, std::memory_order_relaxed);
    break;
  }
  const int status_class = answered.status / 100;
  if (!answered.took || status_class < 1 || status_class > static_cast<int>(class_count)) return;
  AtomicTimes& times = counts.by_class.at(static_cast<std::size_t>(status_class - 1));
  const std::chrono::nanoseconds took = std::max<std::chrono::nanoseconds>(*answered.took, std::chrono::nanoseconds(0));
  times.counts.at(bucket_of(std::chrono::duration<double>(took).count())).fetch_add(1, std::memory_order_relaxed);
  times.nanoseconds.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
}

RequestCounts::OfRoute RequestCounts::read(std::string_view pattern, const Counts& counts) {
  OfRoute found{.pattern = pattern, .by_status = {}, .by_class = {}};
  for (const StatusCount& each : counts.by_status) {
    const auto count = each.count.load(std::memory_order_relaxed);
    if (count > 0) found.by_status[each.status.load(std::memory_order_relaxed)] = count;
  }
  for (std::size_t i = 0; i < class_count; ++i) {
    const AtomicTimes& times = counts.by_class.at(i);
    found.by_class.at(i).seconds = static_cast<double>(times.nanoseconds.load(std::memory_order_relaxed)) / 1e9;
    std::transform(times.counts.begin(), times.counts.end(), found.by_class.at(i).counts.begin(),
                   [](const auto& count) { return count.load(std::memory_order_relaxed); });
  }
  return found;
}

std::vector<RequestCounts::OfRoute> RequestCounts::all() const {
  std::vector<OfRoute> found;
  const std::lock_guard lock(mutex_);
  for (const auto& [pattern, counts] : routes_) found.push_back(read(pattern, *counts));
  return found;
}

}  // namespace packwalk
