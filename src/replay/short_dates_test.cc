#include "replay/short_dates.h"

#include <gmock/gmock.h>

#include "replay/read_text.h"

namespace packwalk::replay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string csv_of(const std::vector<std::string>& dates) {
  std::string text = "DATE,TIME,lat,lon\n";
  for (const std::string& date : dates) text += date + ",100005,1,2\n";
  return text;
}

ReadRules rules_with(DateOrder order) {
  ReadRules rules = of_file("rex");
  rules.times.order = order;
  rules.latest = device_time(1'795'651'200);  // 2026-11-26
  return rules;
}

struct Read {
  std::vector<std::string> days;
  std::vector<std::string> warnings;
};

Read read(const std::vector<std::string>& dates, DateOrder order = DateOrder::unknown) {
  const auto recording = read_recording(csv_of(dates), rules_with(order));
  EXPECT_TRUE(recording) << recording.error().detail;
  if (!recording) return {};
  Read read{.warnings = recording->reading.warnings};
  for (const Seen& row : seen_in(*recording)) read.days.push_back(iso_text(device_time(row.seconds)).substr(0, 10));
  return read;
}

TEST(ShortDates, OfOneDayCanBeReadInTwoWaysWhichIsSaid) {
  const Read one = read({"110326"});
  EXPECT_THAT(one.days, ElementsAre("2011-03-26"));
  EXPECT_THAT(one.warnings, ElementsAre("the dates of DATE, such as 110326, are read as 2011-03-26, with the year "
                                        "first; otherwise it would be 2026-03-11, with the day first "
                                        "(--day-first, --month-first)"));
  const Read told = read({"260302", "260302"}, DateOrder::day_first);
  EXPECT_THAT(told.days, ElementsAre("2002-03-26", "2002-03-26"));
  EXPECT_THAT(told.warnings, ElementsAre(HasSubstr("read as 2002-03-26, with the day first; otherwise it would be "
                                                   "2026-03-02, with the year first")));
}

TEST(ShortDates, OfDaysInARowAreReadAsDaysInARow) {
  const Read days = read({"150326", "160326", "160326"});
  EXPECT_THAT(days.days, ElementsAre("2026-03-15", "2026-03-16", "2026-03-16"));
  EXPECT_THAT(days.warnings, ElementsAre(HasSubstr("such as 150326, are read as 2026-03-15, with the day first")));
  const Read usual = read({"260302", "260303"});
  EXPECT_THAT(usual.days, ElementsAre("2026-03-02", "2026-03-03"));
  EXPECT_THAT(usual.warnings, IsEmpty());
}

TEST(ShortDates, AreNotOfTheFutureNorOfDaysThatThereAreNot) {
  EXPECT_THAT(read({"280326"}).days, ElementsAre("2026-03-28"));
  EXPECT_THAT(read({"260230", "260328"}, DateOrder::day_first).days, ElementsAre("2026-03-28"));
  EXPECT_THAT(read({"261120"}, DateOrder::day_first).days, ElementsAre("2020-11-26")) << "as was told";
  EXPECT_THAT(read({"260328", "260329"}, DateOrder::day_first).days, ElementsAre("2026-03-28", "2026-03-29"));
  EXPECT_THAT(read({"991231"}).warnings, IsEmpty());
}

TEST(ShortDates, OfAFewDamagedRowsDecideNothing) {
  std::vector<std::string> dates(30, "260302");
  dates.back() = "260303";
  dates[7] = "269999";
  const Read read_dates = read(dates);
  EXPECT_EQ(29U, read_dates.days.size());
  EXPECT_THAT(read_dates.warnings, IsEmpty());
}

TEST(ShortDates, MayHaveTheMonthInFront) {
  EXPECT_THAT(read({"030226", "031526"}, DateOrder::month_first).days, ElementsAre("2026-03-02", "2026-03-15"));
}

}  // namespace
}  // namespace packwalk::replay
