// [analysis]: the constants of tracks, activity and walks.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/walk/analysis_rules.h"
#include "packwalk/configuration/setting.h"

namespace packwalk {

struct AnalysisSection {
  std::string preset = "specification";
  std::map<std::string, double> rules_set;  // by name; a missing one has the value of the preset
  AnalysisRules rules;                      // the result of both, set by finish()
};

std::vector<Setting<AnalysisSection>> analysis_settings();

/// Computes the rules. An error names the rule that does not fit the others.
Result<void> finish(AnalysisSection& analysis);

}  // namespace packwalk
