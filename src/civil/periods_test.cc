#include "civil/periods.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "base/time_text.h"

namespace packwalk {
namespace {

using ::testing::ElementsAre;

DeviceTime at(std::string_view text) { return time_from_text(text).value(); }
CivilZone zone(std::string_view name) { return CivilZone::from_name(name).value(); }

/// "2026-03-29 2026-03-28T23:00:00Z 23 h" for each.
std::vector<std::string> told(const std::vector<Period>& periods) {
  std::vector<std::string> texts;
  for (const Period& period : periods) {
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(period.until - period.from);
    texts.push_back(day_text(period.first_day) + " " + iso_text(period.from) + " " + std::to_string(hours.count()) +
                    " h");
  }
  return texts;
}

std::vector<std::string> days(std::string_view name, std::string_view from, std::string_view until) {
  return told(zone(name).periods(PeriodKind::day, at(from), at(until), 100).value());
}

TEST(CivilZone, KnowsTheNamesOfTheDatabaseOnly) {
  for (const char* name : {"Europe/Volgograd", "UTC", "Asia/Kathmandu", "America/Argentina/Buenos_Aires"}) {
    EXPECT_TRUE(CivilZone::from_name(name)) << name;
  }
  for (const char* name : {"", "Mars/Olympus", "europe/volgograd", "../../../etc/passwd", "/etc/localtime", "zone.tab",
                           "Europe", "Europe/", "UTC+3"}) {
    EXPECT_FALSE(CivilZone::from_name(name)) << name;
  }
}

TEST(CivilZone, NamesTheZoneThatWasProbablyMeant) {
  const auto said = [](std::string_view name) { return CivilZone::from_name(name).error().detail; };
  for (const auto& [name, meant] :
       {std::pair{"Berlin", "Europe/Berlin"}, std::pair{"europe/volgograd", "Europe/Volgograd"},
        std::pair{"New York", "America/New_York"}, std::pair{"Europe/Brelin", "Europe/Berlin"},
        std::pair{"Buenos_Aires", "America/Argentina/Buenos_Aires"}}) {
    EXPECT_EQ("there is no time zone of this name; did you mean " + std::string(meant) + "?", said(name));
  }
  EXPECT_EQ("there is no time zone of this name; one is Europe/Volgograd", said("Mars/Olympus"));
}

TEST(CivilZone, DaysOfAZoneWithoutSummerTime) {
  EXPECT_THAT(days("Europe/Volgograd", "2026-03-01T20:59:59Z", "2026-03-02T21:00:01Z"),
              ElementsAre("2026-03-01 2026-02-28T21:00:00Z 24 h", "2026-03-02 2026-03-01T21:00:00Z 24 h",
                          "2026-03-03 2026-03-02T21:00:00Z 24 h"));
  EXPECT_THAT(days("Asia/Kathmandu", "2026-03-01T18:15:00Z", "2026-03-01T18:15:01Z"),
              ElementsAre("2026-03-02 2026-03-01T18:15:00Z 24 h"));
}

TEST(CivilZone, DaysOfWhichAChangeOfTheClockMakesMoreOrLess) {
  EXPECT_THAT(days("Europe/Berlin", "2026-03-29T00:00:00Z", "2026-03-30T00:00:00Z"),
              ElementsAre("2026-03-29 2026-03-28T23:00:00Z 23 h", "2026-03-30 2026-03-29T22:00:00Z 24 h"));
  EXPECT_THAT(days("Europe/Berlin", "2026-10-25T12:00:00Z", "2026-10-25T12:00:01Z"),
              ElementsAre("2026-10-25 2026-10-24T22:00:00Z 25 h"));
}

TEST(CivilZone, ADayWithoutMidnightBeginsWithTheChange) {
  EXPECT_THAT(days("Asia/Beirut", "2019-03-31T12:00:00Z", "2019-03-31T12:00:01Z"),
              ElementsAre("2019-03-31 2019-03-30T22:00:00Z 23 h"));
  EXPECT_THAT(days("America/Havana", "2024-11-03T12:00:00Z", "2024-11-03T12:00:01Z"),
              ElementsAre("2024-11-03 2024-11-03T04:00:00Z 25 h"))
      << "midnight comes twice";
}

TEST(CivilZone, ADayThatAZoneLeftOutIsNone) {
  EXPECT_THAT(days("Pacific/Apia", "2011-12-30T00:00:00Z", "2011-12-31T00:00:00Z"),
              ElementsAre("2011-12-29 2011-12-29T10:00:00Z 24 h", "2011-12-31 2011-12-30T10:00:00Z 24 h"));
}

TEST(CivilZone, WeeksBeginOnMonday) {
  const auto weeks = zone("Europe/Berlin")
                         .periods(PeriodKind::week, at("2026-03-29T12:00:00Z"), at("2026-03-30T12:00:00Z"), 9)
                         .value();
  EXPECT_THAT(told(weeks),
              ElementsAre("2026-03-23 2026-03-22T23:00:00Z 167 h", "2026-03-30 2026-03-29T22:00:00Z 168 h"));
}

TEST(CivilZone, MonthsHaveTheirLengths) {
  const auto months =
      zone("UTC").periods(PeriodKind::month, at("2023-12-31T00:00:00Z"), at("2024-03-01T00:00:00Z"), 9).value();
  EXPECT_THAT(told(months),
              ElementsAre("2023-12-01 2023-12-01T00:00:00Z 744 h", "2024-01-01 2024-01-01T00:00:00Z 744 h",
                          "2024-02-01 2024-02-01T00:00:00Z 696 h"));
}

TEST(CivilZone, RefusesTooManyAndFindsNoneInNothing) {
  const auto found = zone("UTC").periods(PeriodKind::day, at("2026-01-01T00:00:00Z"), at("2026-01-11T00:00:00Z"), 9);
  ASSERT_FALSE(found);
  EXPECT_EQ("from .. to has more than 9 days: ask for a part of it", found.error().detail);
  EXPECT_TRUE(days("UTC", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z").empty());
  EXPECT_TRUE(days("UTC", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z").empty());
}

TEST(CivilZone, TellsTheLastPeriods) {
  EXPECT_THAT(told(zone("UTC").last_periods(PeriodKind::month, at("2024-03-01T00:00:00Z"), 2)),
              ElementsAre("2024-02-01 2024-02-01T00:00:00Z 696 h", "2024-03-01 2024-03-01T00:00:00Z 744 h"));
  EXPECT_THAT(told(zone("Pacific/Apia").last_periods(PeriodKind::day, at("2011-12-30T10:00:00Z"), 2)),
              ElementsAre("2011-12-29 2011-12-29T10:00:00Z 24 h", "2011-12-31 2011-12-30T10:00:00Z 24 h"));
}

RC_GTEST_PROP(CivilZone, PeriodsAdjoinAndHaveTheWholeRange, ()) {
  const auto name = *rc::gen::element<std::string>("Europe/Volgograd", "America/Havana", "Pacific/Apia", "Asia/Beirut",
                                                   "Australia/Lord_Howe", "America/Sao_Paulo", "UTC");
  const auto kind = *rc::gen::element(PeriodKind::day, PeriodKind::week, PeriodKind::month);
  const DeviceTime from = device_time(*rc::gen::inRange<std::int64_t>(1'000'000'000, 1'900'000'000));
  const DeviceTime until = from + std::chrono::seconds(*rc::gen::inRange(1, 8'000'000));
  const auto periods = zone(name).periods(kind, from, until, 100).value();
  RC_ASSERT(!periods.empty());
  RC_ASSERT(periods.front().from <= from && from < periods.front().until);
  RC_ASSERT(periods.back().from < until && until <= periods.back().until);
  for (std::size_t i = 0; i < periods.size(); ++i) {
    if (i > 0) RC_ASSERT(periods[i - 1].until == periods[i].from);  // RC_ASSERT looks at both sides of an `or`
    RC_ASSERT(periods[i].from < periods[i].until);
    RC_ASSERT(seconds_since_1970(periods[i].from) % 900 == 0);
  }
}

TEST(Days, AreReadAndWritten) {
  for (const char* text : {"2026-03-01", "2024-02-29", "1969-12-31"}) {
    EXPECT_EQ(text, day_text(day_from_text(text).value()));
  }
  for (const char* text : {"", "2026-02-29", "2026-13-01", "2026-3-1", "2026-03-01T", "20260301", "2026-03-00",
                           "2026-+3-01", "-026-03-01"}) {
    EXPECT_FALSE(day_from_text(text)) << text;
  }
}

}  // namespace
}  // namespace packwalk
