// What `packwalk analyse` did, for whoever wants to do it again or to cite it.
#pragma once

#include <span>
#include <string>

#include "core/walk/analysis_rules.h"
#include "packwalk/commands/analysis_tables.h"
#include "packwalk/commands/reading_report.h"
#include "packwalk/commands/recorded_fixes.h"

namespace packwalk {

struct AnalysisReport {
  const std::string& preset;
  const AnalysisRules& rules;
  TimeRange range;
  const RecordedFixes& recorded;
  const ReadingFacts& facts;
  std::span<const std::string> doubts;
  const AnalysisCounts& counts;
};

/// An object of JSON, and the end of its line; docs/analysis.md describes it.
std::string json_of(const AnalysisReport& report);

}  // namespace packwalk
