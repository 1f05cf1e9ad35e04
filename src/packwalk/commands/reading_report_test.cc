#include "packwalk/commands/reading_report.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace packwalk {
namespace {

TEST(ReadingReport, OfOneFileSaysHowItWasUnderstoodAndWhatWasLeftOut) {
  EXPECT_EQ(
      "walk.csv: CSV: device = rex, lat = y\n"
      "left out: 1 row without a position, 2 rows that the recorder marks as not valid\n"
      "warning: odd\n"
      "warning: odder\n",
      reading_report("walk.csv", {.form = "CSV",
                                  .meanings = {"device = rex", "lat = y"},
                                  .warnings = {"odd"},
                                  .without_position = 1,
                                  .not_visible = 2,
                                  .device_warning = "odder"}));
}

TEST(ReadingReport, OfOneFileHasABound) {
  const std::string report =
      reading_report("walk.gpx", {.form = "GPX", .warnings = std::vector<std::string>(10'000, "the file is damaged")});
  EXPECT_EQ(52, std::count(report.begin(), report.end(), '\n')) << "the file, 50 warnings, and";
  EXPECT_TRUE(report.ends_with("and so on\n"));
}

}  // namespace
}  // namespace packwalk
