#include "replay/recording.h"

#include <gmock/gmock.h>

#include "core/packet/binary_form.h"
#include "core/packet/json_form.h"
#include "replay/csv_recording.h"
#include "replay/gpx_recording.h"
#include "replay/packet_form.h"

namespace packwalk::replay {
namespace {

using testing::ElementsAre;

std::vector<std::string> texts_of(const std::vector<DeviceId>& ids) {
  std::vector<std::string> texts;
  texts.reserve(ids.size());
  for (const DeviceId& id : ids) texts.push_back(id.text());
  return texts;
}

TEST(DeviceIds, KeepWhatIsValidAndMakeTheRestSo) {
  EXPECT_THAT(texts_of(device_ids_of({"Lady T", "Rex", "Lady_T", "Lady?T", "\xC3\xA9", ""})),
              ElementsAre("Lady_T-2", "Rex", "Lady_T", "Lady_T-3", "__", "_"));
}

TEST(DeviceIds, StayWithin64BytesWhenTheyCollide) {
  const std::string long_name(80, ' ');
  const auto ids = texts_of(device_ids_of({long_name, long_name + "x"}));
  EXPECT_EQ(std::string(64, '_'), ids[0]);
  EXPECT_EQ(std::string(62, '_') + "-2", ids[1]);
}

TEST(Csv, FindsTheUsualColumnsInAnyOrderAndReadsTheirNumbers) {
  const auto read = read_csv(
      "\xEF\xBB\xBF"
      "Latitude,lng,hdop,ele,Time,id\r\n"
      "48.5,+44.25,9,-3.5,2023-11-14T22:13:20Z,rex\r\n"
      "\r\n"
      "1540371,-200,9,,1700000000.75,\"a \"\"b\"\", c\"\r\n",
      {});
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_THAT(read->names, ElementsAre("rex", "a \"b\", c"));
  ASSERT_EQ(2U, read->rows.size());
  EXPECT_EQ(2U, read->rows[0].line);
  EXPECT_EQ(4U, read->rows[1].line);
  const RawTrack& first = read->rows[0].packet;
  EXPECT_EQ(48.5, first.latitude);
  EXPECT_EQ(44.25, first.longitude);
  EXPECT_EQ(1'700'000'000, first.seconds);
  EXPECT_EQ(MaybeMeters(-3.5), first.altitude);
  EXPECT_FALSE(first.accuracy.known());
  const RawTrack& second = read->rows[1].packet;
  EXPECT_EQ(1540371, second.latitude) << "what is out of range is for the server to judge";
  EXPECT_EQ(1'700'000'000, second.seconds);
  EXPECT_FALSE(second.altitude.known());
}

TEST(Csv, CountsRowsThatCannotBeReadWithTheirLines) {
  const auto read = read_csv("device,timestamp,lat,lon\na,1,x,2\na,1\na,nan,1,2\n,1,1,2\na,1,1,2\n", {});
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(1U, read->rows.size());
  ASSERT_EQ(4U, read->unreadable.size());
  EXPECT_EQ(2U, read->unreadable[0].line);
  EXPECT_EQ("lat cannot be read: x", read->unreadable[0].reason);
  EXPECT_EQ("lat is missing", read->unreadable[1].reason);
  EXPECT_EQ("timestamp cannot be read: nan", read->unreadable[2].reason);
  EXPECT_EQ("device is missing", read->unreadable[3].reason);
}

TEST(Csv, ShowsBytesOfAFileShortenedAndWithoutWhatATerminalObeys) {
  const auto read =
      read_csv("id,timestamp,lat,lon\nrex,1,\x1b]0;owned\x07,2\nrex," + std::string(20'000'000, 'x') + ",1,2\n", {});
  ASSERT_TRUE(read);
  ASSERT_EQ(2U, read->unreadable.size());
  EXPECT_EQ("lat cannot be read: \\x1b]0;owned\\x07", read->unreadable[0].reason);
  EXPECT_GT(200U, read->unreadable[1].reason.size());
}

TEST(Csv, TakesTheColumnsThatTheOperatorNames) {
  const auto columns = columns_from("device=who,lat=Y,lon=X,timestamp=t");
  ASSERT_TRUE(columns) << columns.error().detail;
  const auto read = read_csv("X;Y;t;who\n1;2;3;rex\n", {*columns, ""});
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_EQ(2, read->rows.at(0).packet.latitude);
  EXPECT_EQ(1, read->rows.at(0).packet.longitude);
  EXPECT_FALSE(columns_from("lat"));
  EXPECT_FALSE(columns_from("lat="));
  EXPECT_FALSE(columns_from("speed=v"));
  EXPECT_TRUE(columns_from(""));
}

TEST(Csv, SaysWhichColumnItDoesNotFind) {
  EXPECT_THAT(read_csv("timestamp,lat,lon\n", {}).error().detail, testing::HasSubstr("--device ID"));
  EXPECT_THAT(read_csv("device,timestamp,lat\n", {}).error().detail, testing::HasSubstr("the lon"));
  EXPECT_THAT(read_csv("timestamp,b\n", {{{Column::lat, "c"}}, "rex"}).error().detail,
              testing::HasSubstr("no column c"));
  EXPECT_THAT(read_csv("device,timestamp,lat,lon\n", {{}, "rex"}).error().detail, testing::HasSubstr("--device"));
  EXPECT_TRUE(read_csv("timestamp,lat,lon\n1,2,3\n", {{}, "rex"}));
  EXPECT_FALSE(read_csv("", {}));
}

TEST(Gpx, ReadsTheTrackPointsOfAllTracksInOrder) {
  const auto read = read_gpx(
      "<?xml version=\"1.0\"?>\n<gpx xmlns=\"http://www.topografix.com/GPX/1/1\"><wpt lat=\"1\" lon=\"1\"/>\n"
      "<trk><trkseg><trkpt lat=\"48.5\" lon=\"44.25\"><ele>12</ele><time>2023-11-14T22:13:20Z</time></trkpt>\n"
      "<trkpt lat=\"48.6\" lon=\"44.35\"/></trkseg></trk>\n"
      "<trk><trkseg><trkpt lat=\"48.7\" lon=\"44.45\"><time>2023-11-14T22:13:21.5Z</time></trkpt></trkseg></trk></gpx>",
      "rex");
  ASSERT_TRUE(read) << read.error().detail;
  EXPECT_THAT(texts_of(read->devices), ElementsAre("rex"));
  ASSERT_EQ(2U, read->rows.size());
  EXPECT_EQ(MaybeMeters(12), read->rows[0].packet.altitude);
  EXPECT_EQ(3U, read->rows[0].line);
  EXPECT_EQ(1'700'000'001, read->rows[1].packet.seconds);
  ASSERT_EQ(1U, read->unreadable.size());
  EXPECT_EQ(4U, read->unreadable[0].line);
  EXPECT_EQ("time is missing", read->unreadable[0].reason);
}

TEST(Gpx, RefusesWhatIsNoGpx) {
  EXPECT_FALSE(read_gpx("<gpx><trk>", "rex"));
  EXPECT_FALSE(read_gpx("<kml/>", "rex"));
}

TEST(PacketForm, OfEveryKindIsReadBackByTheServersDecoder) {
  const DecodeRules rules{{device_time(0), device_time(2'000'000'000)}, 10};
  const std::vector<RawTrack> packets = {{1, 1'700'000'000, 48.7, 44.5, MaybeMeters(40), MaybeMeters(4)},
                                         {1, 1'700'000'001, 1540371, -200, {}, {}}};
  for (const char* name : {"json", "ndjson", "binary", "wide"}) {
    const PacketForm form = packet_form_from(name).value();
    const std::string body = body_of(form, packets);
    const DecodedBody decoded = form == PacketForm::json     ? decode_json(body, rules)
                                : form == PacketForm::ndjson ? decode_ndjson(body, rules)
                                                             : decode_binary(body, rules);
    ASSERT_EQ(2U, decoded.messages.size()) << name;
    const auto* packet = std::get_if<TrackPacket>(&decoded.messages[0].content);
    ASSERT_TRUE(packet) << name;
    EXPECT_NEAR(48.7, packet->position.latitude(), 1e-5);
    EXPECT_EQ(device_time(1'700'000'000), packet->timestamp);
    EXPECT_TRUE(std::holds_alternative<Flaw>(decoded.messages[1].content)) << name;
  }
  EXPECT_FALSE(packet_form_from("xml"));
}

}  // namespace
}  // namespace packwalk::replay
