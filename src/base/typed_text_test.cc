#include "base/typed_text.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

TEST(TypedText, WritesDigitsOfOtherScriptsAsAscii) {
  EXPECT_EQ("50.1", with_ascii_digits("۵۰.۱"));
  EXPECT_EQ("50.1", with_ascii_digits("۵۰٫۱"));
  EXPECT_EQ("0123456789", with_ascii_digits("٠١٢٣٤٥٦٧٨٩"));
  EXPECT_EQ("-8.1", with_ascii_digits("\u200E\u2212८.१"));
  EXPECT_EQ("2026-11-28T10:00:05Z", with_ascii_digits("๒๐๒๖-๑๑-๒๘T๑๐:๐๐:๐๕Z"));
  EXPECT_EQ("5", with_ascii_digits("５"));
}

TEST(TypedText, LeavesEverythingElse) {
  for (const std::string text : {"", "50.1", "Müller", "犬", "🐕 7", "\xff\xfe", "\xd9", "\xe2\x88", "ʰ", "\u0670"}) {
    EXPECT_EQ(text, with_ascii_digits(text));
  }
}

TEST(TypedText, PutsThePlusBeforeAZoneAgain) {
  EXPECT_EQ("2026-11-28T10:00:00+00:00", with_plus_before_zone("2026-11-28T10:00:00 00:00"));
  EXPECT_EQ("2026-11-28T10:00:00+0530", with_plus_before_zone("2026-11-28T10:00:00 0530"));
  EXPECT_EQ("2026-11-28T10:00:00.25+01", with_plus_before_zone("2026-11-28T10:00:00.25 01"));
  EXPECT_EQ("2026-11-28 10:00:00+01:00", with_plus_before_zone("2026-11-28 10:00:00 01:00"));
  EXPECT_EQ("2026-11-28T10:00+01:00", with_plus_before_zone("2026-11-28T10:00 01:00"));
}

TEST(TypedText, LeavesATimeThatLacksNoPlus) {
  for (const std::string time :
       {"", " ", "2026-11-28 10:00", "2026-11-28 10:00:00", "2026-11-28T10:00:00+01:00", "2026-11-28T10:00:00-01:00",
        "2026-11-28 10:00:00 UTC", "2026-11-28T10:00:00  01:00", "1795860000", "2026-11-28 10"}) {
    EXPECT_EQ(time, with_plus_before_zone(time));
  }
}

}  // namespace
}  // namespace packwalk
