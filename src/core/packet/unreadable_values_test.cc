// What one value that nobody can read does to its packet, and to no other.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "core/packet/json_form.h"
#include "core/packet/json_mend.h"
#include "core/packet/packet_test.h"

namespace packwalk {
namespace {

using namespace std::string_literals;

/// What firmwares, printf, scripts and other languages write where a number should stand.
const std::vector<std::string> unreadable_values = {"NaN",
                                                    "nan",
                                                    "-nan",
                                                    "nan(ind)",
                                                    "-1.#IND",
                                                    "1.#QNAN",
                                                    "1.#INF",
                                                    "Infinity",
                                                    "-Infinity",
                                                    "+Infinity",
                                                    "inf",
                                                    "-inf",
                                                    "INF",
                                                    "ovf",
                                                    "1e999",
                                                    "-1e999",
                                                    std::string(10'000, '9'),
                                                    "1e99999999999999999999",
                                                    "+1",
                                                    "01",
                                                    "-01.5",
                                                    "1.",
                                                    ".5",
                                                    "1e",
                                                    "1e+",
                                                    "--5",
                                                    "-",
                                                    "0x10",
                                                    "1_000",
                                                    "12 m",
                                                    "12\tm",
                                                    "None",
                                                    "True",
                                                    "undefined",
                                                    "tru",
                                                    "nul",
                                                    "'x'",
                                                    "***",
                                                    "",
                                                    " "};

std::string track(const std::string& more, int second = 0) {
  return R"({"type":"track","timestamp":)" + std::to_string(1767261600 + second) + R"(,"lat":48.5,"lon":44.5)" + more +
         "}";
}

/// A track packet whose `field` is `value`.
std::string track_with(const std::string& field, const std::string& value) {
  std::string json = "{";
  for (const auto& [name, usual] : {std::pair{"type"s, "\"track\""s},
                                    {"timestamp", "1767261601"},
                                    {"lat", "48.5"},
                                    {"lon", "44.5"},
                                    {"altitude", "40"},
                                    {"accuracy", "6"}}) {
    json.append(json.size() > 1 ? ",\"" : "\"").append(name).append("\":").append(name == field ? value : usual);
  }
  return json + (std::string(R"(type timestamp lat lon altitude accuracy)").find(field) == std::string::npos
                     ? ",\"" + field + "\":" + value + "}"
                     : "}");
}

const TrackPacket* track_in(const DecodedBody& decoded, std::size_t index) {
  return index < decoded.messages.size() ? std::get_if<TrackPacket>(&decoded.messages[index].content) : nullptr;
}

TEST(UnreadableValue, OfAnUnknownFieldIsIgnored) {
  for (const std::string& value : unreadable_values) {
    const std::string body = "[" + track(",\"battery_volts\":" + value, 1) + "," + track("", 2) + "]";
    const DecodedBody decoded = decode_json(body, rules);
    ASSERT_EQ(2U, decoded.messages.size()) << body << (decoded.unreadable ? decoded.unreadable->reason : "");
    EXPECT_TRUE(track_in(decoded, 0) && track_in(decoded, 1)) << body;
    EXPECT_TRUE(track_in(
        decode_json(track(",\"x\":[1," + (value.size() > 1 ? value : "NaN") + ",{\"y\":" + value + "}]"), rules), 0))
        << value;
  }
}

TEST(UnreadableValue, OfAltitudeOrAccuracyIsUnknown) {
  std::vector<std::string> values = unreadable_values;
  values.insert(values.end(),
                {R"("40")", R"("high")", "\"\xff\"", R"("\x")", "{}", R"({"m":40})", "[40]", "true", "null"});
  for (const std::string field : {"altitude", "accuracy"}) {
    for (const std::string& value : values) {
      const std::string body = track_with(field, value);
      const DecodedBody decoded = decode_json(body, rules);
      const TrackPacket* packet = track_in(decoded, 0);
      ASSERT_TRUE(packet) << body << (decoded.unreadable ? decoded.unreadable->reason : "");
      EXPECT_FALSE((field == "altitude" ? packet->altitude : packet->accuracy).known()) << body;
      EXPECT_TRUE((field == "altitude" ? packet->accuracy : packet->altitude).known()) << body;
      EXPECT_EQ(body.size(), decoded.messages[0].size);
    }
  }
}

TEST(UnreadableValue, OfARequiredFieldCostsThatPacketAlone) {
  for (const std::string field : {"type", "timestamp", "lat", "lon"}) {
    for (const std::string& value : unreadable_values) {
      const std::string bad = track_with(field, value);
      const std::string body = " [" + track("", 1) + ", " + bad + " ," + track("", 2) + "]";
      const DecodedBody decoded = decode_json(body, rules);
      ASSERT_EQ(3U, decoded.messages.size()) << body << (decoded.unreadable ? decoded.unreadable->reason : "");
      EXPECT_TRUE(track_in(decoded, 0) && track_in(decoded, 2)) << body;
      const auto* flaw = std::get_if<Flaw>(&decoded.messages[1].content);
      ASSERT_TRUE(flaw) << body;
      EXPECT_EQ(field, flaw->field) << body;
      EXPECT_EQ(bad, body.substr(decoded.messages[1].offset, decoded.messages[1].size));
    }
  }
  const DecodedBody steps = decode_json(
      R"([{"type":"activity","timestamp":1767261600,"activity":1,"steps":NaN},{"type":"activity","timestamp":1767261600,"activity":nan,"steps":1},)" +
          track("") + "]",
      rules);
  ASSERT_EQ(3U, steps.messages.size());
  EXPECT_EQ((Flaw{"steps", "is not a number"}), std::get<Flaw>(steps.messages[0].content));
  EXPECT_EQ("activity", std::get<Flaw>(steps.messages[1].content).field);
}

TEST(UnreadableValue, WhereAPacketShouldStandIsAMessageOfItsOwn) {
  const std::string body = "[" + track("") + ", NaN ,1e999,+7]";
  const DecodedBody decoded = decode_json(body, rules);
  ASSERT_EQ(4U, decoded.messages.size());
  std::vector<std::string> cut;
  for (const DecodedMessage& message : decoded.messages) cut.push_back(body.substr(message.offset, message.size));
  EXPECT_EQ((std::vector{track(""), "NaN"s, "1e999"s, "+7"s}), cut);
  EXPECT_EQ("is not an object", std::get<Flaw>(decoded.messages[2].content).reason);
}

TEST(UnreadableValue, OfEveryPacketMakesABodyThatCannotBeReadAndSaysWhere) {
  const std::string body = track_with("lat", "NaN");
  for (const std::string& each : {body, "[" + body + "," + track_with("lon", "08.1") + "]"}) {
    const DecodedBody decoded = decode_json(each, rules);
    ASSERT_TRUE(decoded.unreadable) << each;
    EXPECT_EQ(each.find("NaN"), decoded.unreadable->byte_offset);
    EXPECT_TRUE(decoded.unreadable->reason.starts_with("lat is not a number: ")) << decoded.unreadable->reason;
  }
  const DecodedBody mixed = decode_json("[" + body + R"(,{"type":"cat"}])", rules);
  ASSERT_EQ(2U, mixed.messages.size()) << "what is wrong with one says nothing of the other";
  EXPECT_EQ("lat", std::get<Flaw>(mixed.messages[0].content).field);
  EXPECT_EQ("type", std::get<Flaw>(mixed.messages[1].content).field);
}

TEST(UnreadableValue, OfALineIsThatLinesAlone) {
  const DecodedBody decoded =
      decode_ndjson(track_with("lat", "nan") + "\n" + track(",\"altitude\":nan") + "\n{\"lat\":", rules);
  ASSERT_EQ(3U, decoded.messages.size());
  EXPECT_EQ((Flaw{"lat", "is not a number"}), std::get<Flaw>(decoded.messages[0].content));
  EXPECT_TRUE(track_in(decoded, 1));
  EXPECT_TRUE(std::get<Flaw>(decoded.messages[2].content).reason.starts_with("line is not JSON: "));
}

TEST(UnreadableText, CostsItsValueAndNotTheBody) {
  for (const std::string& text :
       {"M\xfcller"s, "\xff"s, "a\xc3"s, "\xed\xa0\x80"s, "\xf4\x90\x80\x80"s, "a\nb"s, "a\0b"s, "\\x"s, "C:\\dogs"s,
        "\\u12"s, "\\u12g4"s, "\\ud83d"s, "\\ud83d\\u0041"s, "\\"s + "ud83dx"}) {
    const std::string body =
        "[" + track(",\"name\":\"" + text + "\"", 1) + "," + track(",\"" + text + "\":1", 2) + "," + track("", 3) + "]";
    const DecodedBody decoded = decode_json(body, rules);
    ASSERT_EQ(3U, decoded.messages.size()) << body << (decoded.unreadable ? decoded.unreadable->reason : "");
    for (std::size_t i = 0; i < 3; ++i) EXPECT_TRUE(track_in(decoded, i)) << body;
  }
  EXPECT_TRUE(track_in(decode_json(track(R"(,"x":"\ud83d\udc15 \"\\\/\b\f\n\r\t\u00e4","altitude":nan)"), rules), 0));
}

TEST(BrokenJson, StillCannotBeRead) {
  const std::string good = track(",\"altitude\":NaN");
  for (const std::string& body : {"[" + good,
                                  "[" + good + ",",
                                  "[" + good + ",{\"type\":\"tra",
                                  "[" + good + ",]",
                                  good + "}",
                                  good + " x",
                                  "nonsense"s,
                                  "NaN"s,
                                  "{" + good + "}",
                                  "[" + good + "}",
                                  "[" + good + good + "]",
                                  "{\"a\":1 \"b\":NaN}"s,
                                  "{\"a\" NaN}"s,
                                  "{NaN:1}"s,
                                  "[1,,NaN]"s,
                                  good + "\0x"s,
                                  "{\"a\":NaN,:,}"s,
                                  "{\"\":,}"s,
                                  "{\"a\":NaN,\"b\":\"}"s,
                                  "{'a':NaN}"s}) {
    const DecodedBody decoded = decode_json(body, rules);
    EXPECT_TRUE(decoded.unreadable) << body;
    EXPECT_TRUE(decoded.messages.empty()) << body;
  }
}

TEST(EmptyKey, IsAKey) {
  const std::string packet = track("");
  for (const std::string& body : {"{\"\":" + packet + "}", "{\"\":{\"\":" + packet + "}}", "{\"\":[" + packet + "]}"}) {
    EXPECT_EQ((Flaw{"type", "is missing"}), std::get<Flaw>(decode_json(body, rules).messages.at(0).content)) << body;
  }
  const auto beside = decode_json(track(R"(,"":{"lat":1,"altitude":9},"":5)"), rules);
  ASSERT_TRUE(track_in(beside, 0)) << "it neither gives a value nor gives one twice";
  EXPECT_FALSE(track_in(beside, 0)->altitude.known());
}

RC_GTEST_PROP(UnreadableValue, ChangesWhatItsOwnElementSaysAndNothingElse, ()) {
  const auto count = *rc::gen::inRange<std::size_t>(2, 8);
  const auto spoilt = *rc::gen::inRange<std::size_t>(0, count);
  const auto value = *rc::gen::elementOf(unreadable_values);
  const auto field = *rc::gen::element("type"s, "timestamp"s, "lat"s, "lon"s, "altitude"s, "accuracy"s, "note"s);
  const auto other = *rc::gen::element("{}"s, "7"s, "[1]"s, track(""), track(",\"altitude\":1e308"),
                                       R"({"type":"activity","timestamp":1767261600,"activity":1,"steps":4})"s);
  std::string sound = "[";
  std::string body = "[";
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) sound.append(" ,"), body.append(" ,");
    sound.append(i == spoilt ? "{}" : other);
    body.append(i == spoilt ? track_with(field, value) : other);
  }
  const DecodedBody want = decode_json(sound + "]", rules);
  const DecodedBody got = decode_json(body + "]", rules);
  RC_ASSERT(got.messages.size() == count);
  for (std::size_t i = 0; i < count; ++i) {
    if (i == spoilt) {
      const bool is_needed = field == "type" || field == "timestamp" || field == "lat" || field == "lon";
      RC_ASSERT(std::holds_alternative<Flaw>(got.messages[i].content) == is_needed);
    } else {
      RC_ASSERT(got.messages[i].content == want.messages[i].content);
    }
  }
}

/// Each of these would take minutes if an element looked at all that was mended.
TEST(UnreadableValue, ByTheHundredThousandIsReadInOnePass) {
  const DecodeRules many{rules.believed, 300'000};
  std::string body = "[" + track("");
  for (int i = 0; i < 150'000; ++i) body.append(",{\"lat\":NaN}");
  EXPECT_EQ(150'001U, decode_json(body + "]", many).messages.size());
  std::string words = "[" + track("");
  for (int i = 0; i < 200'001; ++i) words.append(",x");
  EXPECT_TRUE(decode_json(words + "]", many).unreadable) << "more than any collar has";
}

TEST(MendedJson, KeepsTheSizeAndLeavesWhatIsSound) {
  EXPECT_FALSE(mended_json(R"([1,-0.5e10,true,false,null,"x\u0041",{"a":[]}])"));
  EXPECT_FALSE(mended_json("NaN")) << "outside of all brackets";
  const auto mended = mended_json(R"({"a":NaN,"bc":,"d": ,"e":12 m})");
  ASSERT_TRUE(mended);
  EXPECT_EQ(R"({"a":0  ,"?":0,"d":0,"e":0   })", mended->text);
  ASSERT_EQ(4U, mended->holes.size());
  EXPECT_EQ(5U, mended->holes[0].from);
  EXPECT_EQ(3U, mended->holes[0].size);
}

}  // namespace
}  // namespace packwalk
