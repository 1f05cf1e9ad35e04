#include "adapters/system/system_clock.h"

#include <algorithm>
#include <atomic>

namespace packwalk {
namespace {

class SystemClock final : public Clock {
 public:
  ServerTime now() override {
    const auto machine =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()).time_since_epoch().count();
    std::int64_t last = last_.load(std::memory_order_relaxed);
    std::int64_t next = 0;
    do {
      next = std::max<std::int64_t>(machine, last + 1);
    } while (!last_.compare_exchange_weak(last, next, std::memory_order_relaxed));
    return server_time(next);
  }

 private:
  std::atomic<std::int64_t> last_ = 0;
};

}  // namespace

std::unique_ptr<Clock> make_system_clock() { return std::make_unique<SystemClock>(); }

}  // namespace packwalk
