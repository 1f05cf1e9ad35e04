// The role that derives tracks, activity and walks.
#pragma once

#include <memory>
#include <string>

#include "app/analysis/run_analysis.h"
#include "packwalk/roles/role.h"
#include "packwalk/roles/ticker.h"
#include "ports/clock.h"

namespace packwalk {

/// Logs when analysis begins to fail and when it recovers.
class AnalysisRole final : public Role {
 public:
  AnalysisRole(std::unique_ptr<AnalysisStore> store, const AnalysisRules& rules, Clock& clock, Failing failing);

  Result<void> start() override;
  /// Waits for the current turn.
  void drain() override { ticker_.reset(); }
  Readiness trouble() const override;
  void measure(Metrics::Levels& levels) const override { levels.analysis = run_.levels(); }

 private:
  std::chrono::milliseconds step();

  const std::unique_ptr<AnalysisStore> store_;
  RunAnalysis run_;
  Clock& clock_;
  const Failing failing_;
  std::string trouble_;             // the last logged error; only for the ticker's thread
  std::unique_ptr<Ticker> ticker_;  // last, because its thread uses all members
};

}  // namespace packwalk
