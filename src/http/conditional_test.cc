#include "http/conditional.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

TEST(Conditional, GivesEqualBytesOneEtagAndOthersAnother) {
  const std::string etag = weak_etag_of("abc");
  EXPECT_EQ(etag, weak_etag_of("abc"));
  EXPECT_NE(etag, weak_etag_of("abd"));
  EXPECT_NE(etag, weak_etag_of(""));
  EXPECT_EQ(36U, etag.size());
  EXPECT_TRUE(etag.starts_with("W/\"") && etag.ends_with('"')) << etag;
}

TEST(Conditional, FindsAnEtagInAListWeaklyOrNot) {
  for (const char* text :
       {"W/\"a\"", "\"a\"", "\"x\", W/\"a\"", "W/\"x\",\"a\" , \"y\"", "*", " * ", "\"x,\\\",\"a\""}) {
    EXPECT_TRUE(names_etag(text, "W/\"a\"")) << text;
  }
  for (const char* text :
       {"", "a", "\"b\"", "W/\"A\"", "\"x, \\\"a", "\"b\" \"a\"", "w/\"a\"", "\"b\",", "W/", "\"a"}) {
    EXPECT_FALSE(names_etag(text, "W/\"a\"")) << text;
  }
}

}  // namespace
}  // namespace packwalk
