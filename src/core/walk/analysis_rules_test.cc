// The constants of analysis, and the ranges in which they must be.
#include "core/walk/analysis_rules.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <string_view>

#include "core/walk/path.h"
#include "core/walk/place_cell.h"

namespace packwalk {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(SetRule, TakesBothEndsOfTheRangeOfEachConstant) {
  for (const NamedRule& rule : named_rules()) {
    for (const double value : {rule.least, rule.greatest}) {
      AnalysisRules rules;
      ASSERT_TRUE(set_rule(rules, rule.name, value)) << rule.name;
      EXPECT_EQ(value, rule.get(rules)) << rule.name;
    }
  }
}

TEST(SetRule, RefusesWhatIsOutsideAndNamesTheConstantAndItsRange) {
  for (const NamedRule& rule : named_rules()) {
    const double below = rule.is_whole ? rule.least - 1 : std::nextafter(rule.least, -infinity);
    const double above = rule.is_whole ? rule.greatest + 1 : std::nextafter(rule.greatest, infinity);
    for (const double value : {below, above, -infinity, infinity}) {
      AnalysisRules rules;
      const auto set = set_rule(rules, rule.name, value);
      ASSERT_FALSE(set) << rule.name << " " << value;
      EXPECT_EQ(Errc::invalid_input, set.error().code);
      EXPECT_EQ(0U, set.error().detail.find(std::string(rule.name) + " is not between ")) << set.error().detail;
      EXPECT_EQ(text_of(AnalysisRules()), text_of(rules));
    }
    AnalysisRules rules;
    EXPECT_FALSE(set_rule(rules, rule.name, std::numeric_limits<double>::quiet_NaN())) << rule.name;
  }
  AnalysisRules rules;
  EXPECT_EQ("near is not between 0 and 250", set_rule(rules, "near", 250.5).error().detail);
  EXPECT_EQ("allowance_max is not between 0 and 250", set_rule(rules, "allowance_max", 10'000).error().detail);
}

TEST(TextOf, HasTheDefinitionAndEveryConstantSoThatAnotherOneMakesStoredRowsStale) {
  const std::string text = text_of(AnalysisRules());
  EXPECT_EQ(0U, text.find("definition=2 track_gap=600 ")) << text;
  EXPECT_NE(std::string::npos, text.find(" speed_max=35 ")) << text;
  for (const NamedRule& rule : named_rules()) {
    AnalysisRules other;
    rule.set(other, rule.get(other) + 1);
    EXPECT_NE(text, text_of(other)) << rule.name;
  }
}

/// Whom a device may be near is looked up cell by cell, and their number grows with the cube of the reach.
TEST(SetRule, LetsNobodyReachSoFarThatTheCellsAroundADeviceTakeTheMemory) {
  AnalysisRules rules;
  for (const NamedRule& rule : named_rules()) {
    if (std::string_view(rule.name) == "near" || std::string_view(rule.name) == "allowance_max") {
      ASSERT_TRUE(set_rule(rules, rule.name, rule.greatest));
    }
  }
  for (int i = 0; i < 50; ++i) {
    const Second at = 1'000'000'000;
    const PathFix fix{.position = LatLon::from_degrees(i * 1.7, i * 3.3).value(), .timestamp = device_time(at)};
    const auto path = path_of({&fix, 1}, {}, rules.tracks, rules.walks);
    const auto cells = place_cells_near(path, {at, at}, rules.walks);
    EXPECT_FALSE(cells.empty());
    EXPECT_LE(cells.size(), 6U * 6 * 6);
  }
}

}  // namespace
}  // namespace packwalk
