// A rate limit per key, for very many keys: addresses, devices, tokens.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace packwalk {

struct RateLimitOptions {
  double burst = 0;       // size of a burst
  double per_second = 0;  // refill rate
  std::size_t keys_max = 8192;
};

/// One token bucket per key. Thread-safe. Its memory is fixed: with too many keys, it evicts the key that has used
/// least of its bucket.
class RateLimit {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit RateLimit(RateLimitOptions options);

  /// Takes one token; false if the bucket is empty.
  bool take(std::uint64_t key, Time now);
  /// What take() would return.
  bool has_some(std::uint64_t key, Time now) const;

 private:
  struct Bucket {
    std::uint64_t key = 0;
    double used = 0;  // at the time `at`; 0: free for another key
    Time at{};
  };

  double used_now(const Bucket& bucket, Time now) const;
  std::size_t first_bucket(std::uint64_t key) const;

  const RateLimitOptions options_;
  const std::uint64_t seed_;  // random, so that an attacker cannot choose keys that collide
  mutable std::mutex mutex_;
  std::vector<Bucket> buckets_;  // guarded by mutex_
};

}  // namespace packwalk
