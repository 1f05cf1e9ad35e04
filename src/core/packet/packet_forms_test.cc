// The golden records of docs/formats.md, through every form.
#include <gtest/gtest.h>

#include "core/packet/binary_form.h"
#include "core/packet/canonical_form.h"
#include "core/packet/json_form.h"
#include "core/packet/packet_test.h"

namespace packwalk {
namespace {

using namespace std::string_literals;

constexpr const char* track_json =
    R"({"type":"track","status":1,"timestamp":1767261600,"lat":48.7081,"lon":44.5153,"altitude":40,"accuracy":6})";
constexpr const char* activity_json =
    R"({"type":"activity","status":1,"timestamp":1767261630,"activity":"walk","steps":52})";
constexpr const char* wide_json =
    R"({"type":"track","status":1,"timestamp":1767261602,"lat":-33.8567,"lon":151.2153,"altitude":151,"accuracy":300})";
const std::string track_bytes = "\x01\x01\xa0\x45\x56\x69\x18\xd5\x42\x42\xab\x0f\x32\x42\x28\x06"s;
const std::string activity_bytes = "\x02\x01\xbe\x45\x56\x69\x01\x34\x00\x00\x00"s;
const std::string wide_bytes = "\x11\x01\xa2\x45\x56\x69\xa8\xe0\xd1\xeb\xa8\x9f\x21\x5a\x97\x00\x2c\x01"s;
const std::string wide_canonical = "\x01\x01\xa2\x45\x56\x69\x43\x6d\x07\xc2\x1e\x37\x17\x43\x7f\xff"s;

template <class Packet>
Packet only(const DecodedBody& decoded) {
  EXPECT_FALSE(decoded.unreadable);
  EXPECT_EQ(1u, decoded.messages.size());
  return std::get<Packet>(decoded.messages.at(0).content);
}

Flaw flaw_of(const DecodedBody& decoded, std::size_t index = 0) {
  return std::get<Flaw>(decoded.messages.at(index).content);
}

TEST(PacketForms, AgreeOnTheCanonicalForm) {
  EXPECT_EQ(track_bytes, canonical_form(only<TrackPacket>(decode_json(track_json, rules))));
  EXPECT_EQ(track_bytes, canonical_form(only<TrackPacket>(decode_binary(track_bytes, rules))));
  EXPECT_EQ(activity_bytes, canonical_form(only<ActivityPacket>(decode_json(activity_json, rules))));
  EXPECT_EQ(activity_bytes, canonical_form(only<ActivityPacket>(decode_binary(activity_bytes, rules))));
  EXPECT_EQ(wide_canonical, canonical_form(only<TrackPacket>(decode_json(wide_json, rules))));
  EXPECT_EQ(wide_canonical, canonical_form(only<TrackPacket>(decode_binary(wide_bytes, rules))));
}

TEST(PacketForms, KeepWhatCameAsPreciselyAsItCame) {
  const auto wide = only<TrackPacket>(decode_binary(wide_bytes, rules));
  EXPECT_EQ(-33.8567, wide.position.latitude());
  EXPECT_EQ(151.2153, wide.position.longitude());
  EXPECT_EQ(MaybeMeters(300), wide.accuracy);
  EXPECT_NEAR(48.708099, only<TrackPacket>(decode_binary(track_bytes, rules)).position.latitude(), 1e-6);
  const auto json = only<TrackPacket>(decode_json(
      R"({"type":"track","timestamp":1767261600.9,"lat":48.123456789012345,"lon":44,"altitude":549.5})", rules));
  EXPECT_EQ(48.123456789012345, json.position.latitude());
  EXPECT_EQ(MaybeMeters(549.5), json.altitude);
  EXPECT_FALSE(json.accuracy.known());
  EXPECT_EQ(device_time(1767261600), json.timestamp);
}

TEST(PacketForms, ReadBackWhatTheyWrite) {
  const auto wide = only<TrackPacket>(decode_binary(wide_bytes, rules));
  EXPECT_EQ(wide, only<TrackPacket>(decode_json(encode_json(wide), rules)));
  EXPECT_EQ(wide_bytes, encode_wide(wide));
  const auto activity = only<ActivityPacket>(decode_json(activity_json, rules));
  EXPECT_EQ(activity, only<ActivityPacket>(decode_json(encode_json(activity), rules)));
}

TEST(BinaryForm, TakesWhatComesBeforeACutRecord) {
  const DecodedBody decoded = decode_binary(track_bytes + activity_bytes + wide_bytes.substr(0, 17), rules);
  ASSERT_EQ(3u, decoded.messages.size());
  EXPECT_EQ(27u, decoded.messages[2].offset);
  EXPECT_EQ(17u, decoded.messages[2].size);
  EXPECT_EQ((Flaw{"", "record is cut short"}), flaw_of(decoded, 2));
}

TEST(BinaryForm, CannotReadABodyWhoseFirstRecordIsNone) {
  for (const std::string& body : {""s, "\x03"s, track_bytes.substr(0, 15), "\x00"s + track_bytes}) {
    const DecodedBody decoded = decode_binary(body, rules);
    EXPECT_TRUE(decoded.unreadable) << body.size();
    EXPECT_TRUE(decoded.messages.empty());
  }
}

TEST(BinaryForm, RefusesNotANumberAndInfinity) {
  std::string record = track_bytes;
  record.replace(6, 4, "\x00\x00\xc0\x7f"s);
  EXPECT_EQ("lat", flaw_of(decode_binary(record, rules)).field);
  record = track_bytes;
  record.replace(10, 4, "\x00\x00\x80\x7f"s);
  EXPECT_EQ("lon", flaw_of(decode_binary(record, rules)).field);
}

TEST(JsonForm, SaysWhichFieldIsAtFault) {
  const std::pair<const char*, Flaw> cases[] = {
      {R"({"type":"cat"})", {"type", "is neither track nor activity"}},
      {R"({"status":1})", {"type", "is missing"}},
      {R"({"type":"track","timestamp":1767261600,"lon":4})", {"lat", "is missing"}},
      {R"({"type":"track","timestamp":1767261600,"lat":null,"lon":4})", {"lat", "is missing"}},
      {R"({"type":"track","timestamp":"now","lat":4,"lon":4})", {"timestamp", "is not a number"}},
      {R"({"type":"track","timestamp":1767261600,"lat":{"lat":4},"lon":4})", {"lat", "is not a number"}},
      {R"({"type":"track","timestamp":1767261600,"lat":91,"lon":4})", {"lat", "is not between -90 and 90"}},
      {R"({"type":"track","timestamp":1767261600,"lat":1,"lat":4,"lon":4})", {"lat", "is given twice"}},
      {R"({"type":"track","timestamp":1767261600,"lat":1,"lat":null,"lat":4,"lon":4})", {"lat", "is given twice"}},
      {R"({"type":"track","timestamp":1767261600,"lat":0,"lon":0})",
       {"lat", "and lon are both exactly 0: no position"}},
      {R"({"type":"track","timestamp":0,"lat":1,"lon":1})",
       {"timestamp", "is before packets.earliest (2015-01-01T00:00:00Z)"}},
      {R"({"type":"track","timestamp":4070908800,"lat":1,"lon":1})", {"timestamp", "is in the future"}},
      {R"({"type":"track","timestamp":1767261600000,"lat":1,"lon":1})",
       {"timestamp", "is in the future; give seconds, not milliseconds"}},
      {R"({"type":"track","status":256,"timestamp":1767261600,"lat":1,"lon":1})",
       {"status", "is not a whole number from 0 to 255"}},
      {R"({"type":"activity","timestamp":1767261600,"activity":"fly","steps":1})",
       {"activity", "is none of sleep, walk, gallop, trot, steps_not_measured"}},
      {R"({"type":"activity","timestamp":1767261600,"activity":2,"steps":1})",
       {"activity", "is none of sleep, walk, gallop, trot, steps_not_measured"}},
      {R"({"type":"activity","timestamp":1767261600,"activity":1,"steps":-1})",
       {"steps", "is not a whole number from 0 to 2147483647"}},
      {"7", {"", "is not an object"}},
  };
  for (const auto& [json, flaw] : cases) {
    const DecodedBody decoded = decode_json(json, rules);
    ASSERT_EQ(1u, decoded.messages.size()) << json;
    EXPECT_EQ(flaw.field, flaw_of(decoded).field) << json;
    EXPECT_EQ(flaw.reason, flaw_of(decoded).reason) << json;
  }
}

TEST(JsonForm, CutsAnArrayIntoItsElements) {
  const std::string body = " [ " + std::string(track_json) + " , 7,\"x,\" ,[1,[2]], {\"type\":{\"a\":[]}} ,null]\n";
  const DecodedBody decoded = decode_json(body, rules);
  std::vector<std::string> cut;
  for (const DecodedMessage& message : decoded.messages) cut.push_back(body.substr(message.offset, message.size));
  EXPECT_EQ((std::vector<std::string>{track_json, "7", "\"x,\"", "[1,[2]]", "{\"type\":{\"a\":[]}}", "null"}), cut);
  EXPECT_TRUE(std::holds_alternative<TrackPacket>(decoded.messages[0].content));
  EXPECT_EQ("is not an object", flaw_of(decoded, 3).reason);
  EXPECT_EQ("type", flaw_of(decoded, 4).field);
}

TEST(JsonForm, ReadsEverySpellingOfANumber) {
  const std::pair<std::string, double> cases[] = {
      {"0e0", 0},
      {"-0.0", 0},
      {"0.000e-99", 0},
      {"0e99", 0},
      {"4.4515300e1", 44.5153},
      {"445153E-4", 44.5153},
      {"5e-1", .5},
      {"1E+1", 10},
      {"1e-400", 0},
      {"-1e-999", 0},
      {"1" + std::string(4000, '0') + "e-4000", 1},
      {"0." + std::string(4000, '0') + "1e4001", 1},
      {"0." + std::string(4000, '0') + "1e2", 0},
      {"1e-99999999999999999999", 0},
      {"48.7081" + std::string(10'000, '0'), 48.7081},
      {"5e-324", 5e-324},
      {"0.1000000000000000055511151231257827021181583404541015625", .1},
      {"48.708100000000001728", 48.7081},
  };
  for (const auto& [number, want] : cases) {
    const auto packet = only<TrackPacket>(
        decode_json(R"({"type":"track","timestamp":17672616e2,"lon":4,"lat":)" + number + "}", rules));
    EXPECT_EQ(want, packet.position.latitude()) << number;
  }
  for (const std::string& number :
       {"1.8e308"s, "-1.8e308"s, "1e999"s, std::string(10'000, '9'), "1e99999999999999999999"s}) {
    const DecodedBody decoded =
        decode_json(R"([{},{"type":"track","timestamp":1767261600,"lon":4,"lat":)" + number + "}]", rules);
    ASSERT_EQ(2U, decoded.messages.size()) << number;
    EXPECT_EQ((Flaw{"lat", "is not a number"}), flaw_of(decoded, 1)) << number;
  }
}

TEST(JsonForm, DoesNotTakeAFieldOfANestedObjectForThePackets) {
  const DecodedBody decoded = decode_json(
      R"({"extra":{"lat":1,"lon":2},"list":[{"lat":3}],"type":"track","timestamp":1767261600,"lat":48.5,"lon":44.5})",
      rules);
  EXPECT_EQ(48.5, only<TrackPacket>(decoded).position.latitude());
}

TEST(JsonForm, CannotReadWhatIsNotJson) {
  const std::pair<std::string, std::size_t> cases[] = {
      {"", 0},        {"{\"type\":", 8}, {"[" + std::string(track_json) + ",", std::string(track_json).size() + 2},
      {"{} x", 3},    {"{}\0x"s, 2},     {"{\"type\":\"\xff\"}", 9},
      {"[1e999]", 1}, {"[NaN]", 1},      {std::string(100000, '['), 16},
  };
  for (const auto& [body, offset] : cases) {
    const DecodedBody decoded = decode_json(body, rules);
    ASSERT_TRUE(decoded.unreadable) << body.substr(0, 40);
    EXPECT_TRUE(decoded.messages.empty());
    EXPECT_EQ(offset, decoded.unreadable->byte_offset) << body.substr(0, 40) << decoded.unreadable->reason;
  }
}

TEST(JsonForm, StopsAtTooManyPackets) {
  EXPECT_TRUE(decode_json("[1,2,3]", {rules.believed, 2}).too_many);
  EXPECT_FALSE(decode_json("[1,2]", {rules.believed, 2}).too_many);
  EXPECT_TRUE(decode_ndjson("{}\n{}\n{}\n", {rules.believed, 2}).too_many);
  EXPECT_TRUE(decode_binary(track_bytes + track_bytes + track_bytes, {rules.believed, 2}).too_many);
}

TEST(NdjsonForm, TakesTheGoodLinesAndNamesTheBad) {
  const std::string body = std::string(track_json) + "\r\n\n{\"type\n[" + activity_json + "]\n" + activity_json;
  const DecodedBody decoded = decode_ndjson(body, rules);
  ASSERT_EQ(4u, decoded.messages.size());
  EXPECT_TRUE(std::holds_alternative<TrackPacket>(decoded.messages[0].content));
  EXPECT_EQ(std::string(track_json), body.substr(decoded.messages[0].offset, decoded.messages[0].size));
  EXPECT_TRUE(flaw_of(decoded, 1).reason.starts_with("line is not JSON: ")) << flaw_of(decoded, 1).reason;
  EXPECT_TRUE(flaw_of(decoded, 1).reason.ends_with(" of the body")) << flaw_of(decoded, 1).reason;
  EXPECT_EQ(std::string::npos, flaw_of(decoded, 1).reason.find('.')) << flaw_of(decoded, 1).reason;
  EXPECT_EQ("line is not one object", flaw_of(decoded, 2).reason);
  EXPECT_TRUE(std::holds_alternative<ActivityPacket>(decoded.messages[3].content));
}

TEST(NdjsonForm, CannotReadABodyWithoutOneGoodLine) {
  const DecodedBody decoded = decode_ndjson("\nnonsense\n{\n", rules);
  ASSERT_TRUE(decoded.unreadable);
  EXPECT_EQ(2u, decoded.unreadable->byte_offset);
}

TEST(CanonicalForm, IsTheSameForPacketsThatAreEqual) {
  const auto plus = only<TrackPacket>(decode_json(R"({"type":"track","timestamp":1767261600,"lat":0,"lon":4})", rules));
  const auto minus =
      only<TrackPacket>(decode_json(R"({"type":"track","timestamp":1767261600,"lat":-0.0,"lon":4})", rules));
  EXPECT_EQ(plus, minus);
  EXPECT_EQ(canonical_form(plus), canonical_form(minus));
}

TEST(CanonicalForm, RoundsToTheNearestAndClamps) {
  auto packet = only<TrackPacket>(decode_json(track_json, rules));
  packet.altitude = -535.2;
  packet.accuracy = 2.82;
  EXPECT_EQ("\x80\x03"s, canonical_form(packet).substr(14));
  packet.altitude = 2.5;
  packet.accuracy = MaybeMeters();
  EXPECT_EQ("\x03\x00"s, canonical_form(packet).substr(14));
}

}  // namespace
}  // namespace packwalk
