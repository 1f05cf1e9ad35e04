#include "http/rate_limit.h"

#include <algorithm>

#include "base/random_bits.h"

namespace packwalk {
namespace {

constexpr std::size_t buckets_of_key = 8;

}  // namespace

RateLimit::RateLimit(RateLimitOptions options)
    : options_(options), seed_(random_bits()), buckets_(std::max(options.keys_max, buckets_of_key)) {}

double RateLimit::used_now(const Bucket& bucket, Time now) const {
  const double seconds = std::chrono::duration<double>(now - bucket.at).count();
  return std::max(0.0, bucket.used - std::max(0.0, seconds) * options_.per_second);
}

std::size_t RateLimit::first_bucket(std::uint64_t key) const {
  return split_mix(split_mix(key ^ seed_) + seed_) % (buckets_.size() - buckets_of_key + 1);
}

bool RateLimit::take(std::uint64_t key, Time now) {
  const std::lock_guard lock(mutex_);
  Bucket* chosen = nullptr;
  double least = 0;
  for (std::size_t i = 0, at = first_bucket(key); i < buckets_of_key; ++i) {
    Bucket& bucket = buckets_[at + i];
    const double used = used_now(bucket, now);
    if (bucket.key == key && used > 0) {
      if (used + 1 > options_.burst) return false;
      bucket = {key, used + 1, std::max(now, bucket.at)};
      return true;
    }
    if (!chosen || used < least) {
      chosen = &bucket;
      least = used;
    }
  }
  if (options_.burst < 1) return false;
  *chosen = {key, 1, now};
  return true;
}

bool RateLimit::has_some(std::uint64_t key, Time now) const {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0, at = first_bucket(key); i < buckets_of_key; ++i) {
    const Bucket& bucket = buckets_[at + i];
    if (bucket.key != key) continue;
    if (const double used = used_now(bucket, now); used > 0) return used + 1 <= options_.burst;
  }
  return options_.burst >= 1;
}

}  // namespace packwalk
