// A clock that a test sets.
#pragma once

#include <atomic>

#include "ports/clock.h"

namespace packwalk {

class ManualClock final : public Clock {
 public:
  explicit ManualClock(ServerTime start) : last_(microseconds_since_1970(start)) {}

  /// A microsecond after the time before.
  ServerTime now() override { return server_time(++last_); }
  ServerTime stamp() override { return now(); }
  ServerTime last() const { return server_time(last_); }

 private:
  std::atomic<std::int64_t> last_;
};

}  // namespace packwalk
