#include "doors/blank_tokens.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string_view>

#include "base/token.h"

namespace packwalk {
namespace {

std::string blanked(std::string text) {
  blank_tokens(text);
  return text;
}

const std::string token = "pw_" + std::string(16, 'a') + "-_" + std::string(14, '9');

std::string escaped(std::string_view text, std::string_view before, std::string_view digits) {
  std::string out;
  for (const char c : text) {
    out.append(before).push_back(digits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(digits[c & 15]);
  }
  return out;
}

TEST(BlankTokens, LeavesAsterisksOfTheSameLength) {
  EXPECT_EQ("id=" + std::string(35, '*') + "&x=1", blanked("id=" + token + "&x=1"));
  EXPECT_EQ("{\"t\":\"" + std::string(35, '*') + "\"}", blanked("{\"t\":\"" + token + "\"}"));
  std::string made = make_token();
  EXPECT_TRUE(blank_tokens(made));
  EXPECT_EQ(std::string(35, '*'), made);
}

TEST(BlankTokens, FindsTokensWhoseCharactersAreEscaped) {
  for (const std::string_view digits : {"0123456789abcdef", "0123456789ABCDEF"}) {
    EXPECT_EQ(std::string(210, '*'), blanked(escaped(token, "\\u00", digits)));
    EXPECT_EQ(std::string(105, '*'), blanked(escaped(token, "%", digits)));
  }
  EXPECT_EQ("\"" + std::string(40, '*') + "\"", blanked("\"\\u0070" + token.substr(1) + "\""));
  EXPECT_EQ("\"" + std::string(40, '*') + "\"", blanked("\"" + token.substr(0, 34) + "\\u0039\""));
  EXPECT_EQ("id=" + std::string(37, '*'), blanked("id=pw%5F" + token.substr(3)));
}

TEST(BlankTokens, KnowsABackslashThatIsEscapedItself) {
  const std::string text = R"({"a":"\\u0070)" + token.substr(1) + "\"}";
  EXPECT_EQ(text, blanked(text)) << "this is no token, and what is JSON stays JSON";
  EXPECT_EQ(R"({"a":"\\)" + std::string(40, '*') + "\"}", blanked(R"({"a":"\\\u0070)" + token.substr(1) + "\"}"));
}

std::string with_nuls(std::string_view text, std::size_t before, std::size_t behind) {
  std::string out;
  for (const char c : text) out.append(before, '\0').append(1, c).append(behind, '\0');
  return out;
}

TEST(BlankTokens, FindsTokensInUtf16AndUtf32) {
  const auto expected = [](std::size_t before, std::size_t behind) {
    std::string text = with_nuls("id=", before, behind);
    text.append(before, '\0').append(34 * (before + 1 + behind) + 1, '*').append(behind, '\0');
    return text + with_nuls("&x", before, behind);
  };
  for (const auto& [before, behind] : {std::pair<std::size_t, std::size_t>{0, 1}, {1, 0}, {0, 3}, {3, 0}}) {
    EXPECT_EQ(expected(before, behind), blanked(with_nuls("id=" + token + "&x", before, behind)));
    const std::string cut = with_nuls(token.substr(0, 34), before, behind);
    EXPECT_EQ(cut, blanked(cut));
  }
  const std::string beside = std::string(2, '\0') + "abc";
  EXPECT_EQ(std::string(35, '*') + beside, blanked(token + beside)) << "what follows is no part of it";
}

TEST(BlankTokens, LeavesTheRestAsItStands) {
  for (const std::string& text : {std::string(), std::string("p"), std::string("pw_"), token.substr(0, 34),
                                  "pw " + token.substr(3), std::string("100%"), std::string("\\u00"), std::string("%7"),
                                  token.substr(0, 20) + "\\u002e" + token.substr(20)}) {
    std::string copy = text;
    EXPECT_FALSE(blank_tokens(copy)) << text;
    EXPECT_EQ(text, copy);
  }
}

TEST(BlankTokens, LeavesNothingOfATokenWithinLongerRuns) {
  EXPECT_EQ("x" + std::string(38, '*'), blanked("xpw_" + token));
  EXPECT_EQ(std::string(70, '*'), blanked(token + token));
  EXPECT_EQ("ppw_." + std::string(35, '*'), blanked("ppw_." + token));
}

/// Compares with a text of the same size without a beginning of a token, as nobody knows how fast this machine is.
TEST(BlankTokens, TakesLinearTimeWhateverTheText) {
  const auto seconds_for = [](std::string text) {
    const auto begin = std::chrono::steady_clock::now();
    blank_tokens(text);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  };
  std::string starts;
  while (starts.size() < 100'000) starts.append("pw_").append(31, 'p').append("\\u002e");
  std::string ten_times;
  for (int i = 0; i < 10; ++i) ten_times.append(starts);
  EXPECT_LT(seconds_for(ten_times), 100 * std::max(seconds_for(starts), 0.001));
}

}  // namespace
}  // namespace packwalk
