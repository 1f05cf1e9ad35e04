// The constants of tracks, activity and walks, by their names.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "core/activity/activity.h"
#include "core/track/outlier.h"
#include "core/walk/walk_rules.h"

namespace packwalk {

struct AnalysisRules {
  TrackRules tracks;
  ActivityRules activity;
  WalkRules walks;

  OutlierRules outliers() const { return {walks.bridge, tracks.speed_max_mps, tracks.accuracy_default_m}; }
};

/// A constant as design and configuration name it: near, contact_hole, ...
struct NamedRule {
  const char* name;
  const char* meaning;
  double least;
  double greatest;
  bool is_whole;  // takes no fractions
  std::function<double(const AnalysisRules&)> get;
  std::function<void(AnalysisRules&, double)> set;
};

const std::vector<NamedRule>& named_rules();

/// The reason why a value is not allowed: "is not between 0 and 250"; empty if it is allowed.
std::optional<std::string> flaw_of(const NamedRule& rule, double value);

/// Errc::invalid_input: the name is unknown, or the value is not allowed.
Result<void> set_rule(AnalysisRules& rules, std::string_view name, double value);

/// All constants and the version of the definition, so that two processes can compare their rules.
std::string text_of(const AnalysisRules& rules);

/// `specification` or `off-leash`. Errc::invalid_input.
Result<AnalysisRules> rules_of_preset(std::string_view name);

}  // namespace packwalk
