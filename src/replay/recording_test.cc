#include "replay/recording.h"

#include <gmock/gmock.h>

#include <chrono>
#include <set>

#include "core/packet/binary_form.h"
#include "core/packet/json_form.h"
#include "replay/device_names.h"
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

TEST(DeviceIds, OfVeryManyEqualNamesAreMadeInNoTime) {
  constexpr std::size_t count = 50'000;
  std::vector<std::string> names(count, std::string(80, ' '));
  for (std::size_t i = 0; i < count; i += 2) names[i] = std::string(62, ' ') + std::to_string(i % 100);
  names.emplace_back("Lady T");
  names.emplace_back("Lady_T-2");
  names.emplace_back("Lady_T");
  const auto start = std::chrono::steady_clock::now();
  const auto ids = texts_of(device_ids_of(names));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
  EXPECT_EQ(names.size(), std::set<std::string>(ids.begin(), ids.end()).size());
  EXPECT_EQ("Lady_T-3", ids[count]);
}

TEST(EachRow, TellsCsvFromGpxByTheBytes) {
  const ReadRules rules{.file_device = "rex"};
  const std::string csv = "timestamp,lat,lon\n1700000000,1,2\n";
  std::string little_endian, big_endian;
  for (const char c : csv) little_endian.append({c, '\0'});
  for (const char c : csv) big_endian.append({'\0', c});
  for (const std::string& text :
       {csv, "\xEF\xBB\xBF" + csv, "\xFF\xFE" + little_endian, "\xFE\xFF" + big_endian, little_endian, big_endian}) {
    EXPECT_EQ(1U, read_recording(text, rules)->rows.size());
  }
  EXPECT_EQ(
      "GPX",
      read_recording("<gpx><trkpt lat=\"1\" lon=\"2\"><time>2023-11-14</time></trkpt></gpx>", rules)->reading.form);
}

TEST(EachRow, ReadsNamesInUtf16) {
  const char bytes[] =
      "\xFF\xFEi\0d\0,\0t\0i\0m\0e\0,\0l\0a\0t\0,\0l\0o\0n\0\n\0\xE4\0\x3D\xD8\x15\xDC,\0"
      "1\0,\0"
      "1\0,\0"
      "2\0\n";
  EXPECT_THAT(read_recording({bytes, sizeof bytes}, {.file_device = "rex"})->names,
              ElementsAre("\xC3\xA4\xF0\x9F\x90\x95"));
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
