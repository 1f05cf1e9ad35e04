// The administrator's token while the server runs. It may be replaced at any time.
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>

#include "base/sealed_text.h"
#include "base/sha256.h"
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

  /// A key that is derived from the token: all nodes with the same token have the same key.
  SealKey key_for(std::string_view purpose) const {
    TokenHash secret;
    {
      const std::lock_guard lock(mutex_);
      secret = hash_;
    }
    const std::string key = hkdf_sha256({reinterpret_cast<const char*>(secret.data()), secret.size()}, purpose);
    SealKey bytes{};
    std::copy(key.begin(), key.end(), bytes.begin());
    return bytes;
  }

 private:
  mutable std::mutex mutex_;
  TokenHash hash_;  // guarded by mutex_
};

}  // namespace packwalk
