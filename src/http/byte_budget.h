// A bound on bytes that many connections hold together.
#pragma once

#include <atomic>
#include <cstddef>

namespace packwalk {

/// Thread-safe.
class ByteBudget {
 public:
  explicit ByteBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// False, and nothing taken, when fewer are left.
  bool take(std::size_t bytes) {
    std::size_t held = held_.load(std::memory_order_relaxed);
    do {
      if (bytes > bytes_max_ - held) return false;
    } while (!held_.compare_exchange_weak(held, held + bytes, std::memory_order_relaxed));
    return true;
  }
  void give_back(std::size_t bytes) { held_.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t held() const { return held_.load(std::memory_order_relaxed); }

 private:
  const std::size_t bytes_max_;
  std::atomic<std::size_t> held_ = 0;
};

/// What one connection holds of a budget. The first bytes are free, so that most requests touch nothing that is shared.
class Charge {
 public:
  static constexpr std::size_t free_bytes = 4096;

  explicit Charge(ByteBudget& budget) : budget_(budget) {}
  Charge(const Charge&) = delete;
  Charge& operator=(const Charge&) = delete;
  ~Charge() { set(0); }

  /// False when the budget has no room for `bytes`; then it holds as much as before.
  bool set(std::size_t bytes) {
    const std::size_t wanted = bytes > free_bytes ? bytes : 0;
    if (wanted > charged_ && !budget_.take(wanted - charged_)) return false;
    if (wanted < charged_) budget_.give_back(charged_ - wanted);
    charged_ = wanted;
    return true;
  }
  std::size_t charged() const { return charged_; }

 private:
  ByteBudget& budget_;
  std::size_t charged_ = 0;
};

}  // namespace packwalk
