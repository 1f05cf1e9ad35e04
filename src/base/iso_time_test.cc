// Times as phones write them.
#include "base/iso_time.h"

#include <gtest/gtest.h>

#include <string>

namespace packwalk {
namespace {

TEST(IsoTime, ReadsEverySpelling) {
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
      {"1970-01-01T00:00:00Z", 0},
      {"1969-12-31T23:59:59.9Z", -1},
      {"2099-12-31T23:59:59Z", 4102444799},
      {"2024-02-29T00:00:00Z", 1709164800},
      {"2000-02-29T00:00:00Z", 951782400},
      {"2016-12-31T23:59:60Z", 1483228800},
      {"0000-01-01T00:00:00Z", -62167219200},
      {"9999-12-31T23:59:59-23:59", 253402387139},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(device_time(want), time_from_iso(text)) << text;
}

TEST(IsoTime, IsWrittenAsItIsRead) {
  EXPECT_EQ("2026-01-01T10:00:00Z", iso_text(device_time(1767261600)));
  EXPECT_EQ("1969-12-31T23:59:59Z", iso_text(device_time(-1)));
  EXPECT_EQ("2106-02-07T06:28:15Z", iso_text(device_time(4294967295)));
}

TEST(TimeFromText, TakesSecondsToo) {
  EXPECT_EQ(device_time(1'777'852'800), time_from_text("2026-05-04T00:00:00Z"));
  EXPECT_EQ(device_time(1'777'852'800), time_from_text("1777852800"));
  EXPECT_EQ(device_time(-1), time_from_text("-1"));
  EXPECT_EQ(std::nullopt, time_from_text("1777852800.5"));
  EXPECT_EQ(std::nullopt, time_from_text(""));
}

TEST(IsoTime, RefusesWhatIsNoTime) {
  for (const char* text : {"",
                           "now",
                           "2026-01-01",
                           "2026-01-01T10:00:00",
                           "2026-01-01T10:00Z",
                           "2026-13-01T10:00:00Z",
                           "2026-00-01T10:00:00Z",
                           "2026-01-00T10:00:00Z",
                           "2026-04-31T10:00:00Z",
                           "2026-02-29T10:00:00Z",
                           "2100-02-29T10:00:00Z",
                           "2026-01-01T24:00:00Z",
                           "2026-01-01T10:60:00Z",
                           "2026-01-01T10:00:61Z",
                           "2026-01-01T10:00:00.Z",
                           "2026-01-01T10:00:00Z ",
                           "2026-01-01T10:00:00ZZ",
                           "2026-01-01T10:00:00+24:00",
                           "2026-01-01T10:00:00+01:60",
                           "2026-01-01T10:00:00+1",
                           "2026-01-01T10:00:00+",
                           "2026-01-01T10:00:00 01:00",
                           "2026-1-1T10:00:00Z",
                           "+026-01-01T10:00:00Z",
                           "20260101T100000Z",
                           "2026-01-01T-1:00:00Z",
                           "2026-01-01  10:00:00"}) {
    EXPECT_FALSE(time_from_iso(text)) << text;
  }
  EXPECT_FALSE(time_from_iso(std::string(1 << 20, '9')));
}

}  // namespace
}  // namespace packwalk
