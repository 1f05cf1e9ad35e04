// The thread of a server that analyses.
#pragma once

#include <memory>
#include <string>

#include "app/analysis/run_analysis.h"
#include "packwalk/roles/ticker.h"
#include "ports/clock.h"

namespace packwalk {

/// Analyses as long as it lives, and logs when it begins to fail and when it no longer does. Its end waits for the turn
/// under way.
class Analyst {
 public:
  Analyst(std::unique_ptr<AnalysisStore> store, const AnalysisRules& rules, Clock& clock);

  AnalysisLevels levels() const { return run_.levels(); }

 private:
  std::chrono::milliseconds step();

  const std::unique_ptr<AnalysisStore> store_;
  RunAnalysis run_;
  Clock& clock_;
  std::string trouble_;
  Ticker ticker_;  // last: its thread uses all of it
};

}  // namespace packwalk
