#include "api/cursor_seal.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

class CursorSealTest : public testing::Test {
 protected:
  AdminToken token{"the administrator's"};
  CursorSeal seal{token, "fixes of rex"};
  std::string cursor = seal.seal("1770000000.12");
};

TEST_F(CursorSealTest, HidesWhereThePageEnded) {
  EXPECT_EQ("1770000000.12", seal.open(cursor));
  EXPECT_EQ(std::string::npos,
            cursor.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"));
  EXPECT_NE(cursor, seal.seal("1770000000.12"));
}

TEST_F(CursorSealTest, IsBrokenByAnyCharacterThatIsAnother) {
  for (std::size_t i = 0; i < cursor.size(); ++i) {
    for (const char c : {'A', 'B', 'z', '9', '-', '=', '.', '\0'}) {
      if (cursor[i] == c) continue;
      std::string forged = cursor;
      forged[i] = c;
      EXPECT_EQ(std::nullopt, seal.open(forged)) << i << c;
    }
  }
}

TEST_F(CursorSealTest, IsBrokenByACut) {
  for (std::size_t size = 0; size < cursor.size(); ++size) EXPECT_EQ(std::nullopt, seal.open(cursor.substr(0, size)));
  EXPECT_EQ(std::nullopt, seal.open(cursor + "AAAA"));
  EXPECT_EQ(std::nullopt, seal.open(std::string(100'000, 'A')));
}

TEST_F(CursorSealTest, IsGoodForItsQuestionOnly) {
  EXPECT_EQ(std::nullopt, CursorSeal(token, "fixes of bob").open(cursor));
  EXPECT_EQ(std::nullopt, CursorSeal(token, "").open(cursor));
}

TEST_F(CursorSealTest, IsGoodOnEachNodeUntilTheTokenIsReplaced) {
  const AdminToken of_another_node{"the administrator's"};
  EXPECT_EQ("1770000000.12", CursorSeal(of_another_node, "fixes of rex").open(cursor));
  token.replace("a new one");
  EXPECT_EQ(std::nullopt, seal.open(cursor));
}

TEST_F(CursorSealTest, OfOlderVersionsIsNone) {
  for (const char* old : {"1770000000", "1770000000.12", "-1.2.3", "."}) EXPECT_EQ(std::nullopt, seal.open(old));
}

}  // namespace
}  // namespace packwalk
