// A bound on bytes that many connections hold together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace packwalk {

/// Thread-safe. One owner, an address or a device, gets no more than its share, but for what it takes while it holds
/// nothing: so whatever fits into the whole can be taken by somebody who asks for one thing at a time.
class ByteBudget {
 public:
  struct Limits {
    std::size_t bytes_max = 0;
    std::size_t owner_bytes_max = 0;  // of one key of an address (address_key()), or number of a device
  };

  explicit ByteBudget(Limits limits) : limits_(limits) {}

  /// False, and nothing taken, when fewer are left.
  bool take(std::uint64_t owner, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    if (bytes > limits_.bytes_max - held_) return false;
    std::size_t& of_owner = owners_[owner];
    if (of_owner > 0 && of_owner + bytes > limits_.owner_bytes_max) return false;
    of_owner += bytes;
    held_ += bytes;
    return true;
  }

  void give_back(std::uint64_t owner, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    const auto found = owners_.find(owner);
    if (found == owners_.end()) return;
    held_ -= bytes;
    found->second -= bytes;
    if (found->second == 0) owners_.erase(found);
  }

  std::size_t held() const {
    const std::lock_guard lock(mutex_);
    return held_;
  }

 private:
  const Limits limits_;
  mutable std::mutex mutex_;
  std::size_t held_ = 0;                                   // guarded by mutex_
  std::unordered_map<std::uint64_t, std::size_t> owners_;  // likewise; no zeros
};

/// What one connection holds of a budget. The first bytes are free, so that most requests touch nothing that is shared.
class Charge {
 public:
  static constexpr std::size_t free_bytes = 4096;

  Charge(ByteBudget& budget, std::uint64_t owner) : budget_(budget), owner_(owner) {}
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { set(0); }

  /// False when the budget has no room for `bytes`; then it holds as much as before.
  bool set(std::size_t bytes) {
    const std::size_t wanted = bytes > free_bytes ? bytes : 0;
    if (wanted > charged_ && !budget_.take(owner_, wanted - charged_)) return false;
    if (wanted < charged_) budget_.give_back(owner_, charged_ - wanted);
    charged_ = wanted;
    return true;
  }

 private:
  ByteBudget& budget_;
  const std::uint64_t owner_;
  std::size_t charged_ = 0;
};

}  // namespace packwalk
