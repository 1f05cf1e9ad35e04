// What base/text promises.
#include "base/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace packwalk {
namespace {

using namespace std::string_literals;

TEST(Counted, HasTheNounOfItsNumber) {
  EXPECT_EQ("0 rows", counted(0, "row"));
  EXPECT_EQ("1 row", counted(1, "row"));
  EXPECT_EQ("2 rows", counted(2, "row"));
  EXPECT_EQ("1 fix", counted(1, "fix", "fixes"));
  EXPECT_EQ("-1 fixes", counted(-1, "fix", "fixes"));
  EXPECT_EQ("12 messages are gone", counted(12, "message is gone", "messages are gone"));
}

TEST(Numbered, PadsToTheDigitsAndNeverCuts) {
  EXPECT_EQ("dog-0007", numbered("dog-", 7, 4));
  EXPECT_EQ("12345", numbered("", 12345, 4));
}

template <class Append>
std::string appended(const Append& append, double value) {
  std::string text;
  append(text, value);
  return text;
}
std::string degrees(double value) {
  return appended([](auto& text, double v) { append_degrees(text, v); }, value);
}
std::string meters(double value) {
  return appended([](auto& text, double v) { append_meters(text, v); }, value);
}

TEST(AppendDegrees, HasSevenDecimalsAndNoExponent) {
  EXPECT_EQ("48.7000000", degrees(48.7));
  EXPECT_EQ("-180.0000000", degrees(-180));
  EXPECT_EQ("48.7080994", degrees(static_cast<double>(48.7081F)));
  EXPECT_EQ("-0.0000001", degrees(-1e-7));
  EXPECT_EQ("0.0000000", degrees(-4e-8)) << "nothing is negative";
  EXPECT_EQ("90.0000000", degrees(89.99999996));
  for (std::int64_t i = -1'800'000'000; i < 1'800'000'000; i += 1'234'567) {
    const double told = static_cast<double>(i) / 1e7;
    EXPECT_EQ(told, number_from<double>(degrees(told))) << "what a wide packet told reads back";
  }
}

TEST(AppendMeters, HasTwoDecimalsAndNoExponent) {
  EXPECT_EQ("0.00", meters(0));
  EXPECT_EQ("0.00", meters(-0.0));
  EXPECT_EQ("0.00", meters(1e-300));
  EXPECT_EQ("0.01", meters(0.005));
  EXPECT_EQ("-0.01", meters(-0.009));
  EXPECT_EQ("3910.73", meters(3910.726727441768));
  EXPECT_EQ("12742000.00", meters(12'742'000));
  EXPECT_EQ("9007199254740992.00", meters(9'007'199'254'740'992.0));
  const std::string most = meters(std::numeric_limits<double>::max());
  EXPECT_EQ(std::numeric_limits<double>::max(), number_from<double>(most));
  EXPECT_EQ(std::string::npos, most.find('e'));
}

TEST(AppendToldMeters, LeavesTheNearestWholeMetre) {
  const auto told = [](double value) {
    return appended([](auto& text, double v) { append_told_meters(text, v); }, value);
  };
  EXPECT_EQ("40.00", told(40));
  EXPECT_EQ("39.50", told(39.5));
  EXPECT_EQ("39.49", told(39.4999)) << "not 39.50, which is nearer to 40";
  EXPECT_EQ("-39.49", told(-39.4999));
  EXPECT_EQ("-39.50", told(-39.5));
  EXPECT_EQ("0.49", told(0.4951));
  EXPECT_EQ("40.12", told(40.1234));
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

TEST(ForTerminal, KeepsLinesAndAllOfThem) {
  EXPECT_EQ("a\tb\n\\x1b[31m\\x0d\n", for_terminal("a\tb\n\x1b[31m\r\n"));
  EXPECT_EQ("M\u00fcller \\xc2\\x9b1m \\xff", for_terminal("M\u00fcller \u009b1m \xff"));
  EXPECT_EQ(std::string(100'000, 'x'), for_terminal(std::string(100'000, 'x')));
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
