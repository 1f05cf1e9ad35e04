#include "packwalk/analyst.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/time_text.h"

namespace packwalk {

Analyst::Analyst(std::unique_ptr<AnalysisStore> store, const AnalysisRules& rules, Clock& clock)
    : store_(std::move(store)), run_(*store_, rules), clock_(clock), ticker_([this] { return step(); }) {}

std::chrono::milliseconds Analyst::step() {
  const auto pause = run_.step(clock_.now());
  if (const auto& failed = run_.last_set_aside()) {
    spdlog::warn("event=analysis_window_set_aside device_number={} window={} failures={} retry_at={} error=\"{}\"",
                 failed->window.device.value, iso_text(failed->window.from), failed->failures,
                 iso_text(std::chrono::floor<std::chrono::seconds>(failed->retry_at)), failed->reason);
  }
  AnalysisLevels levels = run_.levels();
  if (levels.trouble != trouble_) {
    trouble_ = std::move(levels.trouble);
    if (trouble_.empty()) {
      spdlog::info("event=analysis_goes_on stale_windows={}", levels.stale);
    } else {
      spdlog::warn("event=analysis_failed stale_windows={} error=\"{}\"", levels.stale, trouble_);
    }
  }
  return pause;
}

}  // namespace packwalk
