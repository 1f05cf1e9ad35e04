#include "http/allowed_origins.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

AllowedOrigins from(std::string_view text) { return AllowedOrigins::from_text(text).value(); }

TEST(AllowedOrigins, AreNoneUnlessSomebodyNamesThem) {
  EXPECT_TRUE(from("").are_none());
  EXPECT_EQ("", AllowedOrigins().answer_to("https://map.example"));
}

TEST(AllowedOrigins, AllowOnlyTheVeryOriginsThatAreNamed) {
  const AllowedOrigins allowed = from("https://map.example, http://localhost:5173");
  EXPECT_FALSE(allowed.are_any());
  EXPECT_EQ("https://map.example", allowed.answer_to("https://map.example"));
  EXPECT_EQ("http://localhost:5173", allowed.answer_to("http://localhost:5173"));
  for (const char* other : {"", "null", "http://map.example", "https://map.example.evil", "https://map.example:8443",
                            "https://evil.map.example", "https://MAP.example"}) {
    EXPECT_EQ("", allowed.answer_to(other)) << other;
  }
}

TEST(AllowedOrigins, AnswerAStarToEveryOriginIfAnyIsAllowed) {
  EXPECT_TRUE(from("*").are_any());
  EXPECT_EQ("*", from("*").answer_to("https://map.example"));
  EXPECT_EQ("", from("*").answer_to("")) << "a request without Origin is of no other page";
}

TEST(AllowedOrigins, RefuseWhatNoBrowserSendsAsAnOrigin) {
  for (const char* text : {"map.example", "https://", "https://map.example/", "https://map.example/x", "null", "https:",
                           "https://Map.example", "https://map.example:443", "http://map.example:80", "ftp://a",
                           "https://a b", "https://a,,https://b", "*,https://a", "https://a, *", "https://*.example"}) {
    const auto origins = AllowedOrigins::from_text(text);
    ASSERT_FALSE(origins) << text;
    EXPECT_EQ(Errc::invalid_input, origins.error().code);
  }
}

}  // namespace
}  // namespace packwalk
