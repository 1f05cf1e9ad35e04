// What base/text promises.
#include "base/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace packwalk {
namespace {

using namespace std::string_literals;

TEST(Numbered, PadsToTheDigitsAndNeverCuts) {
  EXPECT_EQ("dog-0007", numbered("dog-", 7, 4));
  EXPECT_EQ("12345", numbered("", 12345, 4));
}

TEST(AppendDecimal, HasNoExponentAndReadsBack) {
  const std::pair<double, std::string> cases[] = {
      {0, "0"}, {-1.5, "-1.5"}, {1e-5, "0.00001"}, {1e22, "10000000000000000000000"}};
  for (const auto& [value, want] : cases) {
    std::string text;
    append_decimal(text, value);
    EXPECT_EQ(want, text);
  }
  for (const double value : {0.1 + 0.2, -std::numeric_limits<double>::denorm_min(),
                             std::numeric_limits<double>::lowest(), -1.2345678901234567e-300}) {
    std::string text;
    append_decimal(text, value);
    EXPECT_EQ(std::string::npos, text.find_first_not_of("-.0123456789")) << text;
    EXPECT_EQ(value, number_from<double>(text));
  }
}

TEST(AppendMember, PutsACommaBetween) {
  std::string json = "{";
  append_member(json, "a", std::int64_t{-1});
  append_member(json, "b", 0.5);
  EXPECT_EQ("{\"a\":-1,\"b\":0.5", json);
}

TEST(AppendJsonString, EscapesAndReplacesWhatIsNoUtf8) {
  const std::pair<std::string, std::string> cases[] = {
      {"a\"b\\c\n", R"("a\"b\\c\u000a")"},
      {"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x90\x95", "\"\xC3\xA4 \xE2\x82\xAC \xF0\x9F\x90\x95\""},
      {"\xE4", "\"\xEF\xBF\xBD\""},                                                  // Latin-1
      {"\xC3x", "\"\xEF\xBF\xBDx\""},                                                // cut short
      {"\xC0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\""},                                  // overlong
      {"\xED\xA0\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},                  // a surrogate
      {"\xF4\x90\x80\x80", "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""},  // beyond Unicode
  };
  for (const auto& [text, want] : cases) {
    std::string json;
    append_json_string(json, text);
    EXPECT_EQ(want, json);
  }
}

TEST(Trimmed, TakesBlanksAtTheEndsOnly) {
  EXPECT_EQ("a b", trimmed("\t a b\r\n"));
  EXPECT_EQ("", trimmed(" \t"));
  EXPECT_EQ("", trimmed(""));
}

TEST(Printable, EscapesWhatATerminalObeysAndShortensTheRest) {
  EXPECT_EQ("rex, M\u00fcller", printable("rex, M\u00fcller"));
  EXPECT_EQ("\\x1b[31m\\x00\\x0d\\x0a\\x7f", printable("\x1b[31m\0\r\n\x7f"s));
  EXPECT_EQ("\\xc2\\x9b1m \\xff\\xc3", printable("\u009b1m \xff\xc3")) << "C1 controls are as good as escape";
  EXPECT_EQ(std::string(100, 'x') + ".. (20000000 bytes)", printable(std::string(20'000'000, 'x')));
  EXPECT_EQ(std::string(100, 'x'), printable(std::string(100, 'x')));
}

TEST(FormDecoded, TurnsEscapesIntoBytesAndLeavesWhatIsNone) {
  const std::pair<std::string, std::string> cases[] = {
      {"", ""},           {"a+b%20c", "a b c"}, {"48.7%2c44.5%2C", "48.7,44.5,"},
      {"%", "%"},         {"%4", "%4"},         {"%4g%g4%-1%+1% 1", "%4g%g4%-1% 1% 1"},
      {"%%41", "%A"},     {"%2541", "%41"},     {"%00%ff", "\x00\xff"s},
      {"\xff+", "\xff "},
  };
  for (const auto& [text, want] : cases) EXPECT_EQ(want, form_decoded(text)) << text;
}

}  // namespace
}  // namespace packwalk
