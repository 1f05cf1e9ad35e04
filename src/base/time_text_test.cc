// Times as phones, loggers, spreadsheets and people write them.
#include "base/time_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace packwalk {
namespace {

constexpr TimeSpelling day_first{.order = DateOrder::day_first};
constexpr TimeSpelling month_first{.order = DateOrder::month_first};
constexpr TimeSpelling excel{.excel_days = true};

TEST(TimeText, ReadsEverySpellingOfIso) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"2026-01-01T10:00:00Z", 1767261600},
      {"2026-01-01T10:00:00.412Z", 1767261600},
      {"2026-01-01T10:00:00.999999999999999999999999Z", 1767261600},
      {"2026-01-01T10:00:00,5Z", 1767261600},
      {"2026-01-01t10:00:00z", 1767261600},
      {"2026-01-01T11:00:00+01:00", 1767261600},
      {"2026-01-01T11:00:00+01", 1767261600},
      {"2026-01-01T03:00:00-0700", 1767261600},
      {"2026-01-01T15:45:00.5+05:45", 1767261600},
      {"2025-12-31T22:30:00-11:30", 1767261600},
      {"2026-01-01 10:00:00", 1767261600},
      {"2026-01-01 10:00:00.25", 1767261600},
      {"2026-01-01 11:00:00+01:00", 1767261600},
      {"2026-01-01 11:00:00 +0100", 1767261600},
      {"2026-01-01 10:00:00 UTC", 1767261600},
      {"2026-01-01T10:00:00 GMT", 1767261600},
      {"2026-01-01T10:00:00", 1767261600},
      {"2026-01-01T10:00:00.500000", 1767261600},
      {"2026-01-01T10:00Z", 1767261600},
      {"2026-01-01 10:00", 1767261600},
      {" 2026-01-01T10:00:00Z\r", 1767261600},
      {"2026-01-01", 1767225600},
      {"20260101T100000Z", 1767261600},
      {"20260101T100000.25+0000", 1767261600},
      {"20260101 10:00:00", 1767261600},
      {"1970-01-01T00:00:00Z", 0},
      {"1969-12-31T23:59:59.9Z", -1},
      {"2099-12-31T23:59:59Z", 4102444799},
      {"2024-02-29T00:00:00Z", 1709164800},
      {"2000-02-29T00:00:00Z", 951782400},
      {"2016-12-31T23:59:60Z", 1483228800},
      {"0000-01-01T00:00:00Z", -62167219200},
      {"9999-12-31T23:59:59-23:59", 253402387139},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(device_time(want), time_from_text(text)) << text;
}

TEST(TimeText, ReadsDatesOfLoggersAndSpreadsheetsThatBeginWithTheYear) {
  for (const char* text : {"2026/03/02 07:05:00", "2026/3/2 7:05", "2026.03.02 07:05:00", "2026-03-02 7:05:00"}) {
    EXPECT_EQ(device_time(1772435100), time_from_text(text)) << text;
  }
}

TEST(TimeText, ReadsADateAndAClockInOneRowOfDigits) {
  EXPECT_EQ(device_time(1772445605), time_from_text("20260302100005"));
  for (const char* text : {"20260302100005.000", " 20260302100005.9 ", "20260302100005,5", "20260302100005Z",
                           "20260302110005.25+01:00", "20260302100005.000 UTC"}) {
    EXPECT_EQ(device_time(1772445605), time_from_text(text)) << text;
    EXPECT_EQ(device_time(1772445605), time_from_fourteen_digits(text)) << text;
  }
  for (const char* text : {"1772445605000", "17724456050000", "202603021000050", "2026-03-02", "20269902100005.5"}) {
    EXPECT_EQ(std::nullopt, time_from_fourteen_digits(text)) << text;
  }
  EXPECT_EQ(device_time(20'269'902'100), time_from_text("20269902100005")) << "no month, so milliseconds";
}

TEST(TimeText, ReadsClocksOfTwelveHours) {
  EXPECT_EQ(device_time(1767261600), time_from_text("2026-01-01 10:00:00 AM"));
  EXPECT_EQ(device_time(1767304800), time_from_text("2026-01-01T10:00:00 PMZ"));
  EXPECT_EQ(device_time(1767225600), time_from_text("2026/1/1 12:00am"));
  EXPECT_EQ(device_time(1767268800), time_from_text("2026/1/1 12:00 pm"));
  EXPECT_EQ(device_time(1767304800), time_from_texts("2026-01-01", "10:00:00.5 PM"));
}

TEST(GivenTime, IsADayADateAndAClockOrANumberSince1970) {
  const DeviceTime ten = device_time(1772445605);
  for (const char* text : {"2026-03-02T10:00:05Z", "2026-03-02T12:00:05+02:00", "2026-03-02T10:00:05", " 1772445605 ",
                           "2026-03-02 10:00:05", "20260302100005", "1772445605.5", "+1772445605",
                           "1772445605000", "1772445605000000", "1772445605000000000"}) {
    EXPECT_EQ(ten, given_time(text).value()) << text;
  }
  EXPECT_EQ(device_time(1772409600), given_time("2026-03-02").value());
  EXPECT_EQ(device_time(-5), given_time("-5").value());
  EXPECT_EQ(device_time(0), given_time("0").value());
}

std::string what_is_wrong(std::string_view text) {
  const auto time = given_time(text);
  return time ? "" : time.error().detail;
}

TEST(GivenTime, IsRefusedAfterTheYear2200) {
  EXPECT_EQ("", what_is_wrong("2200-12-31T23:59:59Z"));
  EXPECT_EQ("", what_is_wrong("7289654399"));
  for (const char* text : {"2201-01-01", "7289654400", "99999999999", "7289654400000", "2200-12-31T23:59:59-01:00"}) {
    EXPECT_EQ("is after the year 2200", what_is_wrong(text)) << text;
  }
}

TEST(GivenTime, IsRefusedWhereItIsNone) {
  for (const char* text : {"", "now", "2026-02-30", "1e400"}) {
    EXPECT_EQ("is not a time. Give a day (2026-01-31), 2026-01-31T10:00:00Z, or seconds since 1970", what_is_wrong(text))
        << text;
  }
}

TEST(TimeText, IsWrittenAsItIsRead) {
  EXPECT_EQ("2026-01-01T10:00:00Z", iso_text(device_time(1767261600)));
  EXPECT_EQ("1969-12-31T23:59:59Z", iso_text(device_time(-1)));
  EXPECT_EQ("2106-02-07T06:28:15Z", iso_text(device_time(4294967295)));
  EXPECT_EQ("-0001-12-31T00:00:00Z", iso_text(device_time(-62'167'305'600)));
  EXPECT_EQ("10000-01-01T00:00:00Z", iso_text(device_time(253'402'300'800)));
}

TEST(TimeText, WritesServerTimesWithSixDecimals) {
  EXPECT_EQ("2026-01-01T10:00:00.000000Z", iso_text(server_time(1'767'261'600'000'000)));
  EXPECT_EQ("2026-01-01T10:00:00.000007Z", iso_text(server_time(1'767'261'600'000'007)));
  EXPECT_EQ("1969-12-31T23:59:59.999999Z", iso_text(server_time(-1)));
}

TEST(TimeText, ReadsAServerTimeThatItWroteAndNothingElse) {
  for (const std::int64_t time : {1'767'261'600'000'000, 1'767'261'600'999'999, -1L, 0L}) {
    EXPECT_EQ(server_time(time), server_time_from_text(iso_text(server_time(time))));
  }
  for (const std::string_view text :
       {"", "Z", ".000000Z", "2026-01-01T10:00:00Z", "2026-01-01T10:00:00.00000Z", "2026-01-01T10:00:00,000000Z",
        "2026-01-01 10:00:00.000000Z", "2026-01-01T10:00:00.000000+00:00", "2026-01-01T10:00:00.-00001Z"}) {
    EXPECT_FALSE(server_time_from_text(text)) << text;
  }
}

TEST(TimeText, TellsTheUnitOfANumberByItsSize) {
  const std::pair<const char*, std::int64_t> cases[] = {
      {"1777852800", 1'777'852'800},
      {"+1777852800", 1'777'852'800},
      {"1777852800.99", 1'777'852'800},
      {"1777852800,99", 1'777'852'800},
      {"1,7778528e+09", 1'777'852'800},
      {"1.7778528e9", 1'777'852'800},
      {"1777852800999", 1'777'852'800},
      {"1777852800999.9", 1'777'852'800},
      {"1777852800999999", 1'777'852'800},
      {"1777852800999999999", 1'777'852'800},
      {"1.7778528e+12", 1'777'852'800},
      {"0", 0},
      {"-1", -1},
      {"-0.5", -1},
      {"-1500000000001", -1'500'000'001},
      {"4102444800", 4'102'444'800},
      {"99999999999", 99'999'999'999},
      {"100000000000", 100'000'000},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(device_time(want), time_from_text(text)) << text;
  EXPECT_EQ(device_time(1'777'852'800), time_from_number(1'777'852'800'123.0));
  EXPECT_EQ(device_time(-1), time_from_number(-0.25));
  EXPECT_EQ(std::nullopt, time_from_number(1e20));
  EXPECT_EQ(std::nullopt, time_from_number(std::nan("")));
  EXPECT_EQ(std::nullopt, time_from_number(-std::numeric_limits<double>::infinity()));
  EXPECT_EQ("milliseconds", name_of(unit_of(1'777'852'800'123.0)));
}

TEST(TimeText, ReadsADateThatEndsWithTheYearOnlyInTheOrderThatItIsTold) {
  for (const char* text : {"02.03.2026 10:00:05", "02/03/2026 10:00:05", "2.3.2026 10:00:05", "02-03-26T10:00:05Z"}) {
    EXPECT_EQ(std::nullopt, time_from_text(text)) << text;
    EXPECT_EQ(device_time(1772445605), time_from_text(text, day_first)) << text;
    EXPECT_EQ(device_time(1770112805), time_from_text(text, month_first)) << text;
  }
  EXPECT_EQ(device_time(1567815960), time_from_text("07/09/2019 00:26", day_first));
  EXPECT_EQ(device_time(1772409600), time_from_text("02.03.2026", day_first));
  EXPECT_EQ(device_time(1772445605), time_from_text("2026-03-02T10:00:05Z", day_first))
      << "a year in front tells itself";
  EXPECT_EQ(device_time(1772445605), time_from_text("1772445605", day_first));
  for (const char* text : {"31.02.2026", "02.13.2026", "02.03/2026", "02.03.202", "02.03.20260", "2..2026"}) {
    EXPECT_EQ(std::nullopt, time_from_text(text, day_first)) << text;
  }
}

TEST(TimeText, ReadsExcelsDaysOnlyOnRequest) {
  EXPECT_EQ(device_time(46083), time_from_text("46083.41672453703703705"));
  EXPECT_EQ(device_time(1772445605), time_from_text("46083.41672453703703705", excel));
  EXPECT_EQ(device_time(1772445605), time_from_text("46083.4167245370", excel)) << "a millionth of a second is lost";
  EXPECT_EQ(device_time(1772445605), time_from_text("46083,416724537", excel));
  EXPECT_EQ(device_time(1772445605), time_from_texts("46083", "0.416724537037037", excel));
  EXPECT_EQ(device_time(1772445605), time_from_text("2026-03-02T10:00:05Z", excel));
  for (const char* text : {"1772445605", "0", "-5", "2958466", "nan"}) {
    EXPECT_EQ(std::nullopt, time_from_text(text, excel)) << text;
  }
}

TEST(TimeText, JoinsADateAndAClock) {
  const std::pair<const char*, const char*> cases[] = {{"2026/03/02", "07:05:09"}, {"2026-03-02", "7:05:09.250"},
                                                       {"20260302", "070509"},     {"260302", "70509"},
                                                       {"260302", "070509.000"},   {" 2026-03-02 ", " 08:05:09+01:00"}};
  for (const auto& [date, clock] : cases) EXPECT_EQ(device_time(1772435109), time_from_texts(date, clock)) << date;
  EXPECT_EQ(device_time(1772435109), time_from_texts("02.03.2026", "07:05:09", day_first));
  EXPECT_EQ(device_time(1772435109), time_from_texts("020326", "70509", day_first));
  EXPECT_EQ(device_time(1772409605), time_from_texts("260302", "5")) << "five seconds after midnight";
  EXPECT_EQ(std::nullopt, time_from_texts("02.03.2026", "07:05:09"));
  EXPECT_EQ(std::nullopt, time_from_texts("2026-03-02", "25:00:34"));
  EXPECT_EQ(std::nullopt, time_from_texts("2026-03-02", "240000"));
  EXPECT_EQ(std::nullopt, time_from_texts("2026-03-02", "106000"));
  EXPECT_EQ(std::nullopt, time_from_texts("2026-03-02", ""));
  EXPECT_EQ(std::nullopt, time_from_texts("", "10:00:00"));
  EXPECT_EQ(std::nullopt, time_from_texts("2026-03-02T10:00:00", "10:00:00"));
}

TEST(TimeText, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "now",
                           "nan",
                           "inf",
                           "0x10",
                           "10:00:00",
                           "2026-01",
                           "2026-13-01T10:00:00Z",
                           "2026-00-01T10:00:00Z",
                           "2026-01-00T10:00:00Z",
                           "2026-04-31T10:00:00Z",
                           "2026-02-29T10:00:00Z",
                           "2100-02-29T10:00:00Z",
                           "2026-01-01T",
                           "2026-01-01Z",
                           "2026-01-01T10",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T10:60:00Z",
                           "2026-01-01T10:00:61Z",
                           "2026-01-01T10:3:18Z",
                           "2026-01-01T10:00:00.Z",
                           "2026-01-01T10:00:00ZZ",
                           "2026-01-01T10:00:00Z-TIMEZONE",
                           "2026-01-01T13:00:00 PM",
                           "2026-01-01T00:00:00 AM",
                           "2026-01-01T10:00:00 PPM",
                           "2026-01-01T10:00:00+24:00",
                           "2026-01-01T10:00:00+01:60",
                           "2026-01-01T10:00:00+1",
                           "2026-01-01T10:00:00+",
                           "2026-01-01T10:00:00 01:00",
                           "2026-1-1T10:00:00Z",
                           "2026/03-02",
                           "+026-01-01T10:00:00Z",
                           "++1772445600",
                           "1,772,445,600",
                           "1,777.5",
                           "1772445600s",
                           "100000000000000000000",
                           "2026-01-01T-1:00:00Z",
                           "2026-01-01  10:00:00",
                           "2026-01-01 10:00:00 Europe/Berlin"}) {
    EXPECT_EQ(std::nullopt, time_from_text(text)) << text;
  }
  EXPECT_EQ(std::nullopt, time_from_text(std::string(1 << 20, '9')));
  EXPECT_EQ(std::nullopt, time_from_texts(std::string(1 << 20, '9'), "10:00:00"));
}

TEST(DayText, IsADayThatExistsAndNothingElse) {
  EXPECT_EQ(std::chrono::year_month_day(std::chrono::year(2024), std::chrono::month(2), std::chrono::day(29)),
            day_from_text("2024-02-29"));
  for (const char* text : {"", "2026-02-29", "2026-1-1", "2026/01/01", "1767261600", "2026-01-01 "}) {
    EXPECT_EQ(std::nullopt, day_from_text(text)) << text;
  }
}

TEST(TimeText, ReadsClocksOfHoursAndMinutes) {
  EXPECT_EQ(device_time(1772435100), time_from_texts("2026-03-02", "0705")) << "with a zero no other is lost";
  EXPECT_EQ(device_time(1772410205), time_from_texts("2026-03-02", "1005")) << "00:10:05";
  EXPECT_EQ(device_time(1772445900), time_from_texts("2026-03-02", "1005", {.clock_to_the_minute = true}));
  EXPECT_EQ(device_time(1772445605), time_from_texts("2026-03-02", "100005", {.clock_to_the_minute = true}));
  EXPECT_EQ(std::nullopt, time_from_texts("2026-03-02", "2405", {.clock_to_the_minute = true}));
  EXPECT_EQ(std::nullopt, time_from_texts("2026-03-02", "0760"));
  EXPECT_EQ(device_time(1772435100), time_from_text("20260302T0705Z"));
  EXPECT_EQ(device_time(1772435100), time_from_text("20260302 0805 +01:00"));
  EXPECT_EQ(device_time(1772445900), time_from_text("20260302T1005"));
  EXPECT_EQ(std::nullopt, time_from_text("20260302 1005")) << "it may be 00:10:05";
}

}  // namespace
}  // namespace packwalk
