// How often something may happen for each of very many keys: addresses, devices, tokens.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace packwalk {

struct RateLimitOptions {
  double burst = 0;       // so many at once
  double per_second = 0;  // and so many again
  std::size_t keys_max = 8192;
};

/// A token bucket for each key. Thread-safe. Its memory is fixed: where there are too many keys, the one that used the
/// least of its bucket is forgotten, and begins anew.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RateLimit(RateLimitOptions options);

  /// Takes one; false, and nothing taken, when the bucket is empty.
  bool take(std::uint64_t key, Time now);
  /// What take() would answer.
  bool has_some(std::uint64_t key, Time now) const;

 private:
  struct Bucket {
    std::uint64_t key = 0;
    double used = 0;  // at `at`; 0: free for another key
    Time at{};
  };

  double used_now(const Bucket& bucket, Time now) const;
  std::size_t first_place(std::uint64_t key) const;

  const RateLimitOptions options_;
  const std::uint64_t seed_;  // so that nobody can choose keys that share places
  mutable std::mutex mutex_;
  std::vector<Bucket> buckets_;  // guarded by mutex_
};

}  // namespace packwalk
