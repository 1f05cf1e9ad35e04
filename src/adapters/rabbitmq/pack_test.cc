// Packs, and what MQTT's messages say.
#include "adapters/rabbitmq/pack.h"

#include <gtest/gtest.h>

#include "adapters/rabbitmq/mqtt_message.h"

namespace packwalk::rabbitmq {
namespace {

using namespace std::string_literals;

Upload upload(std::int64_t device, std::string body) {
  return {.device = DeviceNumber{device},
          .received_at = server_time(device * 10),
          .transport = Transport::overland,
          .body = std::move(body),
          .unreadable = device == 2 ? "no gzip" : ""};
}

TEST(Pack, ReadsBackWhatWentIn) {
  std::string pack;
  append_to_pack(pack, upload(1, "a\0b"s));
  append_to_pack(pack, upload(2, ""));
  const auto read = uploads_from_pack(pack).value();
  ASSERT_EQ(2U, read.size());
  EXPECT_EQ("a\0b"s, read[0].body);
  EXPECT_EQ(DeviceNumber{2}, read[1].device);
  EXPECT_EQ(server_time(20), read[1].received_at);
  EXPECT_EQ(Transport::overland, read[1].transport);
  EXPECT_EQ("no gzip", read[1].unreadable);
}

TEST(Pack, RefusesWhatIsCutShortOrEmpty) {
  std::string pack;
  append_to_pack(pack, upload(1, "body"));
  for (std::size_t size = 0; size < pack.size(); ++size) EXPECT_FALSE(uploads_from_pack(pack.substr(0, size)));
  EXPECT_FALSE(uploads_from_pack("\xff\xff\xff\xff"));
}

TEST(MqttMessage, TellsTheFormByTheFirstBytes) {
  const std::pair<std::string, Transport> cases[] = {
      {"\x01\x01\xa0"s, Transport::mqtt_binary},
      {"", Transport::mqtt_binary},
      {"{\"type\":1}", Transport::mqtt_json},
      {" [{}, {}]", Transport::mqtt_json},
      {"{\n\"type\":1\n}\n", Transport::mqtt_json},
      {"{\"type\":1}\n", Transport::mqtt_json},
      {"{\"type\":1}\n{\"type\":2}\n", Transport::mqtt_ndjson},
  };
  for (const auto& [body, want] : cases) EXPECT_EQ(want, transport_of(body)) << body;
}

TEST(MqttMessage, HasOneTimeHoweverOftenItComes) {
  EXPECT_EQ(received_at_of(1000, "a"), received_at_of(1000, "a"));
  EXPECT_NE(received_at_of(1000, "a"), received_at_of(1000, "b"));
  EXPECT_EQ(1000, microseconds_since_1970(received_at_of(1000, "a")) / 1000);
}

}  // namespace
}  // namespace packwalk::rabbitmq
