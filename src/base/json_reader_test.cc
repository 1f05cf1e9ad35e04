#include "base/json_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace packwalk {
namespace {

TEST(JsonDocument, FindsIntegersAndArraysByTheirPath) {
  const auto json = JsonDocument::from_text(R"({"a":{"b":-7,"c":1.5},"list":[1,{}]})");
  ASSERT_TRUE(json);
  EXPECT_EQ(-7, json->integer({"a", "b"}));
  EXPECT_EQ(std::nullopt, json->integer({"a", "c"})) << "no integer";
  EXPECT_EQ(std::nullopt, json->integer({"a"}));
  EXPECT_EQ(std::nullopt, json->integer({"a", "b", "c"}));
  EXPECT_EQ(std::nullopt, json->integer({"x"}));
  EXPECT_EQ(2U, json->array_size({"list"}));
  EXPECT_EQ(std::nullopt, json->array_size({"a"}));
}

TEST(JsonDocument, FindsTextsWithTheirEscapesDecoded) {
  const auto json = JsonDocument::from_text(R"({"detail":"not \"ready\"","status":503})");
  ASSERT_TRUE(json);
  EXPECT_EQ("not \"ready\"", json->text({"detail"}));
  EXPECT_EQ(std::nullopt, json->text({"status"}));
  EXPECT_EQ(std::nullopt, json->text({"x"}));
}

TEST(JsonDocument, IsNothingElseThanJson) {
  for (const char* text : {"", "no JSON", "{", R"({"a":1}x)", "[1,]", "\"\xff\""}) {
    EXPECT_FALSE(JsonDocument::from_text(text)) << text;
  }
}

TEST(JsonDocument, MayBeNestedDeeply) {
  constexpr std::size_t depth = 200'000;
  EXPECT_TRUE(JsonDocument::from_text(std::string(depth, '[') + std::string(depth, ']')));
}

}  // namespace
}  // namespace packwalk
