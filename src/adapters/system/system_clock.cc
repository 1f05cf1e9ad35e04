#include "adapters/system/system_clock.h"

#include <algorithm>
#include <atomic>

namespace packwalk {
namespace {

/// Times after a smaller step back are moved forward: the clock was adjusted, or several threads read it at once.
constexpr std::int64_t pushed_max = 1'000'000;

class SystemClock final : public Clock {
 public:
  explicit SystemClock(MachineClock machine) : machine_(machine) {}

  ServerTime now() override { return machine_(); }

  ServerTime stamp() override {
    const std::int64_t machine = microseconds_since_1970(machine_());
    std::int64_t last = last_.load(std::memory_order_relaxed);
    std::int64_t next = 0;
    do {
      next = last - machine < pushed_max ? std::max(machine, last + 1) : machine;
    } while (!last_.compare_exchange_weak(last, next, std::memory_order_relaxed));
    return server_time(next);
  }

 private:
  const MachineClock machine_;
  std::atomic<std::int64_t> last_ = 0;
};

ServerTime time_of_machine() { return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()); }

}  // namespace

std::unique_ptr<Clock> make_system_clock() { return make_clock_of(time_of_machine); }
std::unique_ptr<Clock> make_clock_of(MachineClock machine) { return std::make_unique<SystemClock>(machine); }

}  // namespace packwalk
