// A bound on bytes that many connections hold together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace packwalk {

/// Thread-safe. One owner (an address or a device) gets at most its share; a single item may exceed the share if it
/// fits into the whole. A part of the whole is reserved for small items.
class ByteBudget {
 public:
  struct Limits {
    std::size_t bytes_max = 0;
    std::size_t owner_bytes_max = 0;  // per owner: a key of an address (address_key()), or the number of a device
    std::size_t reserve_bytes = 0;    // of bytes_max
  };

  /// Whether the item may use the reserve, also beyond the owner's share.
  enum class Reserve { closed, open };

  explicit ByteBudget(Limits limits) : limits_(limits) {}

  /// `had` is what the same item held before. False, without a change, if too few bytes are left.
  bool take(std::uint64_t owner, std::size_t bytes, std::size_t had, Reserve reserve) {
    const std::size_t from_reserve = reserve == Reserve::open ? limits_.reserve_bytes : 0;
    const std::lock_guard lock(mutex_);
    if (held_ + bytes > limits_.bytes_max - limits_.reserve_bytes + from_reserve) return false;
    const auto known = owners_.find(owner);
    const std::size_t others = known == owners_.end() ? 0 : known->second - had;
    if (others > 0 && others + had + bytes > limits_.owner_bytes_max + from_reserve) return false;
    owners_[owner] += bytes;
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
  std::size_t held_by(std::uint64_t owner) const {
    const std::lock_guard lock(mutex_);
    const auto found = owners_.find(owner);
    return found == owners_.end() ? 0 : found->second;
  }

 private:
  const Limits limits_;
  mutable std::mutex mutex_;
  std::size_t held_ = 0;                                   // guarded by mutex_
  std::unordered_map<std::uint64_t, std::size_t> owners_;  // guarded by mutex_; has no zeros
};

/// The bytes of a budget that one connection holds. The first bytes are free, so that most requests touch no shared
/// data.
class Charge {
 public:
  static constexpr std::size_t free_bytes = 4096;

  Charge(ByteBudget& budget, std::uint64_t owner) : budget_(budget), owner_(owner) {}
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { set(0); }

  /// False, without a change, if the budget has no room for `bytes`.
  bool set(std::size_t bytes, ByteBudget::Reserve reserve = ByteBudget::Reserve::closed) {
    const std::size_t wanted = bytes > free_bytes ? bytes : 0;
    if (wanted > charged_ && !budget_.take(owner_, wanted - charged_, charged_, reserve)) return false;
    if (wanted < charged_) budget_.give_back(owner_, charged_ - wanted);
    charged_ = wanted;
    return true;
  }
  /// The bytes that the owner would hold after set().
  std::size_t of_owner_with(std::size_t bytes) const { return budget_.held_by(owner_) - charged_ + bytes; }

 private:
  ByteBudget& budget_;
  const std::uint64_t owner_;
  std::size_t charged_ = 0;
};

}  // namespace packwalk
