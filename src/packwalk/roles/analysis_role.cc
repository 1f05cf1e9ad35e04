#include "packwalk/roles/analysis_role.h"

#include <utility>

#include "base/time_text.h"
#include "packwalk/installation/log.h"

namespace packwalk {

AnalysisRole::AnalysisRole(std::unique_ptr<AnalysisStore> store, const AnalysisRules& rules, Clock& clock,
                           Failing failing)
    : store_(std::move(store)), run_(*store_, rules), clock_(clock), failing_(failing) {}

Result<void> AnalysisRole::start() {
  ticker_ = std::make_unique<Ticker>([this] { return step(); });
  return {};
}

Readiness AnalysisRole::trouble() const {
  if (failing_ == Failing::is_logged) return {};
  const AnalysisLevels levels = run_.levels();
  return levels.trouble.empty() ? Readiness{} : Readiness{Lack::analysis, levels.trouble};
}

std::chrono::milliseconds AnalysisRole::step() {
  const auto pause = run_.step(clock_.now());
  if (const auto& failed = run_.last_set_aside()) {
    log_warning("analysis_window_set_aside",
                {{"device_number", failed->window.device.value},
                 {"window", iso_text(failed->window.from)},
                 {"failures", failed->failures},
                 {"retry_at", iso_text(std::chrono::floor<std::chrono::seconds>(failed->retry_at))},
                 {"error", failed->reason}});
  }
  AnalysisLevels levels = run_.levels();
  if (levels.trouble != trouble_) {
    trouble_ = std::move(levels.trouble);
    if (trouble_.empty()) {
      log_info("analysis_goes_on", {{"stale_windows", levels.stale}});
    } else {
      log_warning("analysis_failed", {{"stale_windows", levels.stale}, {"error", trouble_}});
    }
  }
  return pause;
}

}  // namespace packwalk
