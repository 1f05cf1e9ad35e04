#include "packwalk/configuration/analysis_section.h"

#include <cctype>
#include <utility>

#include "base/text.h"

namespace packwalk {
namespace {

Result<void> set_preset(AnalysisSection& analysis, const std::string& text) {
  if (!rules_of_preset(text)) return fail(Errc::invalid_input, "must be specification or off-leash");
  analysis.preset = text;
  return {};
}

/// The setting of one constant of named_rules(). finish() applies it, after the preset.
Setting<AnalysisSection> setting_of(const NamedRule& rule) {
  std::string usual;
  append_number(usual, rule.get(AnalysisRules()));
  std::string meaning(rule.meaning);
  meaning.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(meaning.front())));
  return {rule.name, meaning + ". Empty: the value of the preset (" + usual + " in specification).", "\"\"",
          [&rule](AnalysisSection& analysis, const std::string& text) -> Result<void> {
            if (text.empty()) {
              analysis.rules_set.erase(rule.name);
              return {};
            }
            const auto value = number_from<double>(text);
            if (!value) return fail(Errc::invalid_input, "is not a number");
            if (const auto flaw = flaw_of(rule, *value)) return fail(Errc::invalid_input, *flaw);
            analysis.rules_set[rule.name] = *value;
            return {};
          }};
}

}  // namespace

std::vector<Setting<AnalysisSection>> analysis_settings() {
  std::vector<Setting<AnalysisSection>> list = {
      {"preset",
       "The constants of tracks, activity and walks (docs/analysis.md): specification, or off-leash for dogs that "
       "stray. Set the same preset on all nodes. After a change, analysis recomputes all derived data.",
       "\"specification\"", set_preset}};
  for (const NamedRule& rule : named_rules()) list.push_back(setting_of(rule));
  return list;
}

Result<void> finish(AnalysisSection& analysis) {
  auto rules = rules_of_preset(analysis.preset);
  if (!rules) return rules.failure();
  for (const auto& [name, value] : analysis.rules_set) {
    if (auto set = set_rule(*rules, name, value); !set) return set;
  }
  analysis.rules = *std::move(rules);
  return {};
}

}  // namespace packwalk
