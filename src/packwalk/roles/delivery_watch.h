// Decides when the log should mention that notifications fail.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "app/notify/run_notify.h"

namespace packwalk {

/// The first failure is news at once; further ones are news at most once a minute. The first delivery after such news
/// is news too. For one thread.
class DeliveryWatch {
 public:
  static constexpr std::chrono::minutes interval{1};
  using Time = std::chrono::steady_clock::time_point;

  struct News {
    enum class Kind { nothing, fails, works_again };
    Kind kind = Kind::nothing;
    std::int64_t failures = 0;  // that will be repeated, since the last news of failures
  };

  News look(const NotifyLevels& levels, Time now = std::chrono::steady_clock::now());

 private:
  std::int64_t told_failures_ = 0;
  std::optional<Time> told_at_;  // of failures
  bool fails_ = false;           // by the last news
};

}  // namespace packwalk
