#include "base/finding.h"

#include <gmock/gmock.h>

#include <chrono>

namespace packwalk {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr ServerTime noon = server_time(1'700'000'000'000'000);

std::vector<Finding> compared(std::chrono::microseconds theirs) {
  Findings findings("database");
  findings.compare_clocks(noon, noon + theirs, noon + 20ms);
  return std::move(findings).all();
}

TEST(Clocks, OfTwoMachinesMayBeAMinuteApart) {
  for (const auto apart : std::vector<std::chrono::microseconds>{-60s, 0s, 10ms, 60s}) {
    EXPECT_TRUE(compared(apart).empty()) << apart.count();
  }
}

TEST(Clocks, AnHourApartAreAFault) {
  const auto ahead = compared(1h);
  ASSERT_EQ(1U, ahead.size());
  EXPECT_EQ(Severity::fault, ahead[0].severity);
  EXPECT_THAT(ahead[0].says, HasSubstr("3599 s ahead of"));
  const auto behind = compared(-1h);
  ASSERT_EQ(1U, behind.size());
  EXPECT_THAT(behind[0].says, HasSubstr("3600 s behind"));
}

}  // namespace
}  // namespace packwalk
