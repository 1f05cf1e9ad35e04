#include "http/headers.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

TEST(Headers, FindsAFieldWhateverTheCaseOfItsName) {
  const Headers headers = {{"Content-Type", "text/plain"}, {"AUTHORIZATION", "Bearer a"}};
  EXPECT_EQ("text/plain", headers.find("content-type"));
  EXPECT_EQ("Bearer a", headers.find("Authorization"));
  EXPECT_EQ("", headers.find("Content"));
  EXPECT_EQ("", Headers().find("Accept"));
}

TEST(Headers, TakesTheFirstOfEqualFieldsThatSaysSomething) {
  const Headers headers = {{"Accept", ""}, {"accept", "b"}, {"Accept", "c"}};
  EXPECT_EQ("b", headers.find("Accept"));
  EXPECT_EQ(3U, headers.count("ACCEPT"));
  EXPECT_EQ(0U, headers.count("Accep"));
}

TEST(Headers, JoinsTheFieldsOfAList) {
  const Headers headers = {{"If-None-Match", "\"a\""}, {"Host", "x"}, {"if-none-match", "\"b\", \"c\""}};
  EXPECT_EQ("\"a\", \"b\", \"c\"", headers.list("If-None-Match"));
  EXPECT_EQ("", headers.list("Accept"));
}

TEST(Headers, KeepsTheOrderOfArrival) {
  const Headers headers = {{"B", "1"}, {"A", "2"}};
  ASSERT_EQ(2U, headers.size());
  EXPECT_EQ(Headers::Field("B", "1"), headers.at(0));
  EXPECT_EQ(Headers::Field("A", "2"), headers.at(1));
}

TEST(Headers, HoldsNoMoreThanItsBound) {
  Headers headers;
  for (std::size_t i = 0; i < Headers::fields_max; ++i) EXPECT_TRUE(headers.add("X", "y"));
  EXPECT_FALSE(headers.add("Z", "z"));
  EXPECT_EQ(Headers::fields_max, headers.size());
  EXPECT_EQ("", headers.find("Z"));
}

TEST(Headers, CountsTheMemoryThatItHolds) {
  Headers headers;
  headers.add("Authorization", "Bearer a");
  EXPECT_EQ(0U, headers.held_bytes()) << "any request has some";
  headers.add("Cookie", std::string(5'000, 'a'));
  EXPECT_LE(4'700U, headers.held_bytes());
}

}  // namespace
}  // namespace packwalk
