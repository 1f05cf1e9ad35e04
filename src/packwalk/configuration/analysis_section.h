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
  std::map<std::string, double> rules_set;  // by name; what is not here is as the preset says
  AnalysisRules rules;                      // what both make, when the section is finished
};

std::vector<Setting<AnalysisSection>> analysis_settings();

/// Makes the rules. An error names the one that does not fit the others.
Result<void> finish(AnalysisSection& analysis);

}  // namespace packwalk
