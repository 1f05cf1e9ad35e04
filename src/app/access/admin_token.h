// The administrator's token while the server runs. It may be replaced at any time.
#pragma once

#include <mutex>
#include <string_view>

#include "base/token.h"

namespace packwalk {

/// Keeps only the hash. Thread-safe.
class AdminToken {
 public:
  explicit AdminToken(std::string_view token) : hash_(hash_of_token(token)) {}

  /// In constant time.
  bool is(std::string_view token) const {
    const TokenHash given = hash_of_token(token);
    const std::lock_guard lock(mutex_);
    return equal_in_constant_time(given, hash_);
  }

  /// Returns whether the token changed. The old one is no longer valid.
  bool replace(std::string_view token) {
    const TokenHash hash = hash_of_token(token);
    const std::lock_guard lock(mutex_);
    const bool changed = !equal_in_constant_time(hash, hash_);
    hash_ = hash;
    return changed;
  }

 private:
  mutable std::mutex mutex_;
  TokenHash hash_;  // guarded by mutex_
};

}  // namespace packwalk
