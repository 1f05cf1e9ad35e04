#include "replay/field_values.h"

#include <gtest/gtest.h>

#include <string>

namespace packwalk::replay {
namespace {

TEST(FiniteNumber, BearsBlanksAPlusAndADecimalComma) {
  for (const char* text : {"48.5", " 48.5 ", "+48.5", "48,5", "4.85e1", "+48,50"}) {
    EXPECT_EQ(48.5, finite_number_from(text)) << text;
  }
  EXPECT_EQ(-0.5, finite_number_from("-.5"));
  for (const char* text :
       {"", " ", "nan", "inf", "-inf", "1e999", "+-1", "1,234,567", "1,234.5", "1.2.3", "0x10", "4 8", "12m"}) {
    EXPECT_EQ(std::nullopt, finite_number_from(text)) << text;
  }
  EXPECT_EQ(std::nullopt, finite_number_from(std::string(1 << 20, ',')));
}

TEST(Missing, IsWhatProgramsWriteForNothing) {
  for (const char* text : {"", " ", "-", "NA", "n/a", "NaN", "null", "None", " nil "})
    EXPECT_TRUE(is_missing(text)) << text;
  for (const char* text : {"0", "--", "no", "nano"}) EXPECT_FALSE(is_missing(text)) << text;
}

TEST(Degrees, TakeAHemisphereBeforeOrAfterThem) {
  for (const char* text :
       {"50.1", "50.1N", "50.1 n", "N50.1", "N 50.1", "50,1N", "50.1\xC2\xB0N", "50.1\xC2\xB0", "50.1\xB0 N"}) {
    EXPECT_EQ(50.1, degrees_from(text, Axis::latitude)) << text;
  }
  EXPECT_EQ(-50.1, degrees_from("50.1S", Axis::latitude));
  EXPECT_EQ(-50.1, degrees_from("S50.1", Axis::latitude));
  EXPECT_EQ(-8.1, degrees_from("008.1W", Axis::longitude));
  EXPECT_EQ(-8.1, degrees_from("-8.1", Axis::longitude));
  for (const char* text :
       {"50.1E", "50.1W", "-50.1N", "-50.1S", "N", "N50.1N", "50 06.12N", "S0 08.040", "5006.1234,N", "x"}) {
    EXPECT_EQ(std::nullopt, degrees_from(text, Axis::latitude)) << text;
  }
}

TEST(Meters, MayHaveTheirUnitBehindThem) {
  EXPECT_EQ(MaybeMeters(102), meters_from("102"));
  EXPECT_EQ(MaybeMeters(102), meters_from("102 m"));
  EXPECT_EQ(MaybeMeters(-64.153), meters_from("-64.153 m"));
  EXPECT_EQ(MaybeMeters(98.5), meters_from("98,5m"));
  for (const char* text : {"", " ", "nan", "NaN", "-", "102 ft", "102 km", "m", "high"}) {
    EXPECT_FALSE(meters_from(text).known()) << text;
  }
}

TEST(Hdop, IsAnAccuracyOfFiveMetersAtOne) {
  EXPECT_EQ(MaybeMeters(4.5), accuracy_of_hdop("0.9"));
  for (const char* text : {"", "0", "-1", "nan"}) EXPECT_FALSE(accuracy_of_hdop(text).known()) << text;
}

}  // namespace
}  // namespace packwalk::replay
