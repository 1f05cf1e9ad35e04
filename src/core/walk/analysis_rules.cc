#include "core/walk/analysis_rules.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace packwalk {
namespace {

constexpr double day = 86'400;
/// Each, of `near` and `allowance_max`: with both, what is near a device lies in at most 6 x 6 x 6 cells of space
/// (space_cell.h) for each second. The number of cells grows with the cube of this.
constexpr double reach_max_m = 250;
/// Increment it when the same packets and constants give other rows than before: then all stored rows are recomputed.
constexpr const char* definition = "definition=2";
constexpr double speed_most_mps = 1'000'000;

template <class Part>
NamedRule seconds_rule(const char* name, const char* meaning, double least, Part AnalysisRules::*part,
                       std::chrono::seconds Part::*field) {
  return {name,
          meaning,
          least,
          day,
          true,
          [=](const AnalysisRules& rules) { return static_cast<double>((rules.*part.*field).count()); },
          [=](AnalysisRules& rules, double value) {
            rules.*part.*field = std::chrono::seconds(static_cast<std::int64_t>(value));
          }};
}

template <class Part>
NamedRule meters_rule(const char* name, const char* meaning, Part AnalysisRules::*part, double Part::*field,
                      double most = 10'000) {
  return {name,
          meaning,
          0,
          most,
          false,
          [=](const AnalysisRules& rules) { return rules.*part.*field; },
          [=](AnalysisRules& rules, double value) { rules.*part.*field = value; }};
}

}  // namespace

const std::vector<NamedRule>& named_rules() {
  static const std::vector<NamedRule> all = {
      seconds_rule("track_gap", "longest time in seconds between two fixes of one track", 1, &AnalysisRules::tracks,
                   &TrackRules::gap),
      meters_rule("length_step", "least distance in metres that adds to a track's length", &AnalysisRules::tracks,
                  &TrackRules::length_step_m),
      meters_rule("accuracy_default", "assumed accuracy in metres of a fix without one", &AnalysisRules::tracks,
                  &TrackRules::accuracy_default_m),
      seconds_rule("sample_cap", "longest time in seconds that an activity sample describes", 1,
                   &AnalysisRules::activity, &ActivityRules::sample_cap),
      seconds_rule("bridge", "longest time in seconds between two fixes over which the path is interpolated", 1,
                   &AnalysisRules::walks, &WalkRules::bridge),
      {"speed_max",
       "greatest speed of a device in metres per second. A fix that the device could neither reach nor leave at this "
       "speed, between two plausible fixes, is an outlier. 0: no outliers",
       0, speed_most_mps, false, [](const AnalysisRules& rules) { return rules.tracks.speed_max_mps; },
       [](AnalysisRules& rules, double value) { rules.tracks.speed_max_mps = value; }},
      meters_rule("near",
                  "greatest distance in metres between two dogs that are near each other, without the allowance",
                  &AnalysisRules::walks, &WalkRules::near_m, reach_max_m),
      meters_rule("allowance_max", "greatest allowance in metres for the accuracies of both dogs. 0: no allowance",
                  &AnalysisRules::walks, &WalkRules::allowance_max_m, reach_max_m),
      seconds_rule("contact_hole", "longest time in seconds between two near seconds of one contact", 1,
                   &AnalysisRules::walks, &WalkRules::contact_hole),
      seconds_rule("walk_pause", "longest time in seconds between two contacts of one joint walk", 0,
                   &AnalysisRules::walks, &WalkRules::walk_pause),
      seconds_rule("walk_min", "least total time in seconds of the contacts of a joint walk", 0, &AnalysisRules::walks,
                   &WalkRules::walk_min),
      {"walk_near_percent", "least percentage of the contacts' time in which the dogs are near", 0, 100, true,
       [](const AnalysisRules& rules) { return static_cast<double>(rules.walks.walk_near_percent); },
       [](AnalysisRules& rules, double value) { rules.walks.walk_near_percent = static_cast<std::int64_t>(value); }},
      meters_rule("walk_reach", "distance in metres that each dog of a joint walk moves away from its first position",
                  &AnalysisRules::walks, &WalkRules::walk_reach_m),
      {"walk_reach_percent",
       "least percentage of the near seconds in which each dog is at least walk_reach away from its first position", 0,
       100, true, [](const AnalysisRules& rules) { return static_cast<double>(rules.walks.walk_reach_percent); },
       [](AnalysisRules& rules, double value) { rules.walks.walk_reach_percent = static_cast<std::int64_t>(value); }},
  };
  return all;
}

std::optional<std::string> flaw_of(const NamedRule& rule, double value) {
  if (rule.is_whole && value != std::floor(value)) return "is not a whole number";
  if (value >= rule.least && value <= rule.greatest) return std::nullopt;
  std::string flaw = "is not between ";
  append_number(flaw, rule.least);
  flaw.append(" and ");
  append_number(flaw, rule.greatest);
  return flaw;
}

Result<void> set_rule(AnalysisRules& rules, std::string_view name, double value) {
  const auto& all = named_rules();
  const auto rule = std::find_if(all.begin(), all.end(), [&](const NamedRule& each) { return name == each.name; });
  if (rule == all.end()) {
    std::string known;
    for (const NamedRule& each : all) known.append(known.empty() ? "" : ", ").append(each.name);
    return fail(Errc::invalid_input, std::string(name) + " is none of " + known);
  }
  if (const auto flaw = flaw_of(*rule, value)) return fail(Errc::invalid_input, std::string(name) + " " + *flaw);
  rule->set(rules, value);
  return {};
}

std::string text_of(const AnalysisRules& rules) {
  std::string text = definition;
  for (const NamedRule& rule : named_rules()) {
    text.append(" ").append(rule.name).append("=");
    append_number(text, rule.get(rules));
  }
  return text;
}

Result<AnalysisRules> rules_of_preset(std::string_view name) {
  AnalysisRules rules;
  if (name == "specification") return rules;
  if (name != "off-leash")
    return fail(Errc::invalid_input, std::string(name) + " is neither specification nor off-leash");
  rules.walks = WalkRules::off_leash();
  return rules;
}

}  // namespace packwalk
