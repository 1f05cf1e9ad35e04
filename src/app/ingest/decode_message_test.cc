#include "app/ingest/decode_message.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace packwalk {
namespace {

const PhoneRules rules{.decode = {{device_time(1'420'070'400), device_time(1'800'000'000)}, 100},
                       .phone_status = 3,
                       .received_at = server_time(1'700'000'100'000'000)};

struct Body {
  Transport transport;
  std::string text;
  std::size_t messages;
};

std::vector<Body> bodies() {
  const std::string track = R"({"type":"track","timestamp":1700000000,"lat":1,"lon":2})";
  const std::string feature = R"({"geometry":{"coordinates":[2,1]},"properties":{"timestamp":"2023-11-14T22:13:20Z"}})";
  const std::string place = R"({"timestamp":1700000000,"coords":{"latitude":1,"longitude":2}})";
  const std::string located = R"({"_type":"location","tst":1700000000,"lat":1,"lon":2})";
  std::string binary("\x02\x01", 2);
  binary.append("\x00\xf1\x53\x65", 4).append("\x01\x05\x00\x00\x00", 5);
  return {
      {Transport::http_json, track, 1},
      {Transport::http_json, "[" + track + ", 5 ,[" + track + "],{}]", 4},
      {Transport::http_ndjson, track + "\r\n\nno JSON\n[" + track + "]\n", 3},
      {Transport::http_binary, binary + binary + "\x02\x01", 3},
      {Transport::osmand_form, "id=***&lat=1&lon=2", 1},
      {Transport::osmand_form, "id=***&timestamp=1700000000&lat=1&lon=2", 1},
      {Transport::osmand_form, "id=***&batt=5", 1},
      {Transport::osmand_json, R"({"device_id":"***","location":)" + place + "}", 1},
      {Transport::osmand_json, R"({"location":[)" + place + "," + place + ",7]}", 3},
      {Transport::osmand_json, R"({"device_id":"***"})", 1},
      {Transport::owntracks, located, 1},
      {Transport::owntracks, "[" + located + R"(,{"_type":"lwt"},{"_type":"x"}])", 3},
      {Transport::owntracks, "[]", 1},
      {Transport::owntracks, "", 1},
      {Transport::owntracks_of_overland, R"([{"_type":"location","tst":721692800,"lat":1,"lon":2},{"_type":"lwt"}])",
       2},
      {Transport::overland, R"({"locations":[)" + feature + R"(,{"properties":{}},4]})", 3},
      {Transport::overland, R"({"current":)" + feature + R"(,"locations":[4]})", 2},
      {Transport::overland, R"({"locations":[]})", 1},
  };
}

TEST(DecodeMessage, SaysOfAKeptMessageWhatWasSaidWhenItCame) {
  for (const Body& body : bodies()) {
    const DecodedBody decoded = decode_body(body.transport, body.text, rules);
    ASSERT_FALSE(decoded.unreadable) << body.text;
    ASSERT_EQ(body.messages, decoded.messages.size()) << body.text;
    for (const DecodedMessage& message : decoded.messages) {
      const std::string_view original = std::string_view(body.text).substr(message.offset, message.size);
      const auto again = decode_message(body.transport, original, rules);
      const auto says_the_same = [&](const Content& content) {
        return content.index() == message.content.index() &&
               (content == message.content || std::holds_alternative<Flaw>(content));
      };
      EXPECT_TRUE(std::any_of(again.begin(), again.end(), says_the_same)) << body.text << " :: " << original;
    }
  }
}

}  // namespace
}  // namespace packwalk
