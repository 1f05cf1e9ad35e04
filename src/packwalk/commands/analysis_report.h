// The report of `packwalk analyse`. With it, a reader can repeat or cite the analysis.
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

/// A JSON object and a line end. docs/analysis.md describes it.
std::string json_of(const AnalysisReport& report);

}  // namespace packwalk
