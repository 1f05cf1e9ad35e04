#include "packwalk/roles/clock_alarm.h"

#include "packwalk/installation/log.h"

namespace packwalk {

void ClockAlarm::look() {
  const auto steady = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  if (const auto jump = watch_.jump(clock_.now(), steady)) {
    log_warning("clock_set", {{"seconds", std::chrono::duration<double>(*jump).count()},
                              {"reason", "the time of this machine jumped; ages and limits follow it"}});
  }
}

bool ClockAlarm::is_doubtful() const {
  const std::lock_guard lock(mutex_);
  return watch_.is_doubtful(std::chrono::steady_clock::now());
}

}  // namespace packwalk
