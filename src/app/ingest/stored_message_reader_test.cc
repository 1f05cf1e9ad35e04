#include "app/ingest/stored_message_reader.h"

#include <gtest/gtest.h>

#include "app/ingest/ingest_batch.h"

namespace packwalk {
namespace {

TEST(StoredMessageReader, TellsAFlawAsItWasToldWhenTheMessageCame) {
  for (const std::string reason :
       {"timestamp is before packets.earliest (2030-01-01T00:00:00Z)", "timestamp is in the future",
        "timestamp is before store.keep_fixes_months (2026-05-01T00:00:00Z)",
        "timestamp is earlier than the earliest time that is believed"}) {
    const StoredMessage message{.received_at = server_time(1'767'268'800'000'000),
                                .transport = Transport::http_json,
                                .verdict = Verdict::invalid,
                                .reason = reason,
                                .content = R"({"type":"track","timestamp":1767261600,"lat":1,"lon":2})"};
    StoredMessageReader reader;
    EXPECT_EQ(reason, reason_of(reader.reading_of(message)));
  }
}

TEST(StoredMessageReader, LeavesAFlawThatDecodersHaveLearnedToReadSince) {
  const std::pair<const char*, const char*> cases[] = {
      {"lat is not a number", "lat=۱&lon=2&timestamp=1767261600"},
      {"timestamp is not a time", "lat=1&lon=2&timestamp=2026-01-01T10:00"}};
  for (const auto& [reason, content] : cases) {
    const StoredMessage message{.received_at = server_time(1'767'268'800'000'000),
                                .transport = Transport::osmand_form,
                                .verdict = Verdict::invalid,
                                .reason = reason,
                                .content = content};
    StoredMessageReader reader;
    EXPECT_EQ(reason, reason_of(reader.reading_of(message)));
  }
}

TEST(StoredMessageReader, ReadsNoNamesThatDecodersHaveLearnedSince) {
  const std::string without_place = "id=4&latitude=1&longitude=2";
  StoredMessageReader reader;
  EXPECT_EQ(Content(Heartbeat{"heartbeat: no position"}),
            reader.reading_of({.received_at = server_time(1'767'268'800'000'000),
                               .transport = Transport::osmand_form,
                               .verdict = Verdict::invalid,
                               .reason = "heartbeat: no position",
                               .content = without_place}));
  const std::string without_time = "lat=1&lon=2&time=2026-01-01T10:00:00Z";
  const TrackPacket packet{.timestamp = device_time(1'767'268'800), .position = *LatLon::from_degrees(1, 2)};
  EXPECT_EQ(Content(packet), reader.reading_of({.received_at = server_time(1'767'268'800'000'000),
                                                .transport = Transport::osmand_form,
                                                .verdict = Verdict::accepted,
                                                .hash = hash_of(packet, without_time),
                                                .content = without_time}));
}

TEST(StoredMessageReader, ReadsNoFlatObjectThatWasAHeartbeat) {
  StoredMessageReader reader;
  for (const char* content : {R"({"device_id":"4","lat":1,"lon":2})", R"({"device_id":"4","location":{"lat":1}})"}) {
    EXPECT_EQ(Content(Heartbeat{"heartbeat: no position"}),
              reader.reading_of({.received_at = server_time(1'767'268'800'000'000),
                                 .transport = Transport::osmand_json,
                                 .verdict = Verdict::invalid,
                                 .reason = "heartbeat: no position",
                                 .content = content}));
  }
}

TEST(StoredMessageReader, ReadsAFlatObjectThatIsAPosition) {
  StoredMessageReader reader;
  const std::string content = R"({"device_id":"4","Lat":1,"lng":2,"time":1767268800})";
  const TrackPacket packet{.timestamp = device_time(1'767'268'800), .position = *LatLon::from_degrees(1, 2)};
  EXPECT_EQ(Content(packet), reader.reading_of({.received_at = server_time(1'767'268'900'000'000),
                                                .transport = Transport::osmand_json,
                                                .verdict = Verdict::accepted,
                                                .hash = hash_of(packet, content),
                                                .content = content}));
}

/// It counts from 2001, or weeks are lost.
TEST(StoredMessageReader, KnowsATimeOfTwoReadingsAsItWasJudged) {
  const std::string content = R"({"_type":"location","lat":1,"lon":2,"tst":)" +
                              std::to_string(1'767'261'600 - std::int64_t{2048} * 7 * 86'400 - 7200) + "}";
  StoredMessage message{.received_at = server_time(1'767'261'600'000'000),
                        .transport = Transport::owntracks_of_overland,
                        .verdict = Verdict::invalid,
                        .reason = "tst is of two times: it counts from 2001, or 2048 weeks are lost",
                        .content = content};
  StoredMessageReader reader;
  EXPECT_EQ(message.reason, reason_of(reader.reading_of(message)));
  const TrackPacket from_2001{.timestamp = device_time(1'767'261'600 - 7200 - 260'323'200),
                              .position = *LatLon::from_degrees(1, 2)};
  message.verdict = Verdict::accepted;
  message.reason = "";
  message.hash = hash_of(from_2001, content);
  EXPECT_EQ(Content(from_2001), reader.reading_of(message)) << "which an older version took";
}

TEST(StoredMessageReader, AddsTheWeeksThatWereAddedWhenTheMessageCame) {
  const std::string content = "lat=1&lon=2&timestamp=" + std::to_string(1'767'261'600 - 1024 * 7 * 86'400);
  const TrackPacket packet{
      .timestamp = device_time(1'767'261'600), .position = *LatLon::from_degrees(1, 2), .weeks_added = 1024};
  StoredMessage message{.received_at = server_time(1'767'261'700'000'000),
                        .transport = Transport::osmand_form,
                        .verdict = Verdict::accepted,
                        .reason = reason_of(packet),
                        .hash = hash_of(packet, content),
                        .content = content};
  EXPECT_EQ("1024 weeks were added to its time, which its receiver had lost", message.reason);
  StoredMessageReader reader;
  const Content read = reader.reading_of(message);
  EXPECT_EQ(Content(packet), read);
  EXPECT_EQ(message.reason, reason_of(read)) << "and it is imported with its reason";
}

}  // namespace
}  // namespace packwalk
