// Counts of answered requests and their durations.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "http/router.h"

namespace packwalk {

/// Thread-safe. Its size is fixed by the routes. Counting takes no lock and no memory.
class RequestCounts {
 public:
  /// Upper bounds of the buckets, in seconds; one more bucket counts all longer ones.
  static constexpr std::array<double, 13> bounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                    0.1,    0.25,  0.5,    1,     2.5,  10};
  static constexpr std::size_t class_count = 5;  // of statuses: 1xx to 5xx

  struct Times {
    std::array<std::uint64_t, bounds.size() + 1> counts{};
    double seconds = 0;

    std::uint64_t count() const;
  };
  struct OfRoute {
    std::string_view pattern;
    std::map<int, std::uint64_t> by_status;
    std::array<Times, class_count> by_class;
  };

  /// The counter for a listener with these routes. It must not outlive this object.
  std::function<void(const AnsweredRequest&)> observer_of(const std::vector<Route>& routes);

  /// By pattern.
  std::vector<OfRoute> all() const;

 private:
  struct AtomicTimes {
    std::array<std::atomic<std::uint64_t>, bounds.size() + 1> counts{};
    std::atomic<std::uint64_t> nanoseconds{0};
  };
  struct StatusCount {
    std::atomic<int> status{0};  // 0: free
    std::atomic<std::uint64_t> count{0};
  };
  struct Counts {
    std::array<StatusCount, 32> by_status{};  // more than the number of statuses
    std::array<AtomicTimes, class_count> by_class{};
  };

  static void count(Counts& counts, const AnsweredRequest& answered);
  static OfRoute read(std::string_view pattern, const Counts& counts);

  mutable std::mutex mutex_;
  std::map<std::string_view, std::unique_ptr<Counts>> routes_;  // guarded by mutex_; the counts never move
};

}  // namespace packwalk
