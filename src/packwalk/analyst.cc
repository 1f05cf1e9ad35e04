#include "packwalk/analyst.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace packwalk {

Analyst::Analyst(std::unique_ptr<AnalysisStore> store, const AnalysisRules& rules, Clock& clock)
    : store_(std::move(store)), run_(*store_, rules), clock_(clock), ticker_([this] { return step(); }) {}

std::chrono::milliseconds Analyst::step() {
  const auto pause = run_.step(clock_.now());
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
