#include <gtest/gtest.h>

#include <array>

#include "core/state/current_state.h"
#include "core/state/judge.h"

namespace packwalk {
namespace {

const Content fix_10 = TrackPacket{.status = 1, .timestamp = device_time(1010), .position = {}};
const Content fix_20 = TrackPacket{.status = 2, .timestamp = device_time(1020), .position = {}};
const Content sample_20 = ActivityPacket{.status = 3, .timestamp = device_time(1020), .activity = Activity::walk};
const Content flaw = Flaw{"lat", "is missing"};
const Content heartbeat = Heartbeat{"heartbeat"};

Message message(const Content& content, ContentHash hash, std::int64_t received_at = 1, std::int64_t device = 1) {
  return {.device = DeviceNumber{device}, .received_at = server_time(received_at), .content = &content, .hash = hash};
}

TEST(Claims, LetTheFirstOfAKeyWinAndCompareTheOthersWithIt) {
  const std::array messages = {message(fix_20, 1), message(flaw, 9),      message(fix_20, 1),
                               message(fix_20, 2), message(sample_20, 5), message(fix_20, 1, 1, 2)};
  const Claims claims(messages);
  ASSERT_EQ(3u, claims.claimants().size());
  EXPECT_EQ(0u, claims.claimants()[0]);
  const std::array standings = {Standing{true, 1}, Standing{true, 5}, Standing{true, 1}};
  EXPECT_EQ((std::vector{Verdict::accepted, Verdict::invalid, Verdict::duplicate, Verdict::conflict, Verdict::accepted,
                         Verdict::accepted}),
            claims.verdicts(messages, standings));
}

TEST(Claims, CompareWithWhatStoodThereBefore) {
  const std::array messages = {message(fix_20, 1), message(fix_20, 2)};
  const std::array standings = {Standing{false, 2}};
  EXPECT_EQ((std::vector{Verdict::conflict, Verdict::duplicate}), Claims(messages).verdicts(messages, standings));
}

TEST(CurrentState, FollowsDeviceTimeAndNotArrival) {
  CurrentState forwards{.device = DeviceNumber{1}};
  step(forwards, message(fix_10, 1), Verdict::accepted);
  step(forwards, message(fix_20, 2), Verdict::accepted);
  CurrentState backwards{.device = DeviceNumber{1}};
  step(backwards, message(fix_20, 2), Verdict::accepted);
  step(backwards, message(fix_10, 1), Verdict::accepted);
  EXPECT_EQ(forwards, backwards);
  EXPECT_EQ(device_time(1020), forwards.last_fix->timestamp);
  EXPECT_EQ(2, forwards.status->status);
}

TEST(CurrentState, LetsATrackPacketWinATie) {
  for (const bool track_first : {true, false}) {
    CurrentState state;
    step(state, message(track_first ? fix_20 : sample_20, 1), Verdict::accepted);
    step(state, message(track_first ? sample_20 : fix_20, 1), Verdict::accepted);
    EXPECT_EQ(2, state.status->status);
  }
}

TEST(CurrentState, CountsEveryVerdictAndIsTouchedByNoneButTheAccepted) {
  CurrentState state;
  step(state, message(fix_20, 1, 50), Verdict::duplicate);
  step(state, message(fix_20, 2, 40), Verdict::conflict);
  EXPECT_EQ(server_time(50), state.last_seen);
  step(state, message(flaw, 1, 60), Verdict::invalid);
  EXPECT_EQ(server_time(50), state.last_seen);
  step(state, message(heartbeat, 1, 70), Verdict::invalid);
  EXPECT_EQ(server_time(70), state.last_seen);
  EXPECT_FALSE(state.last_fix);
  EXPECT_FALSE(state.status);
  EXPECT_EQ((MessageCounts{.duplicates = 1, .conflicts = 1, .invalid = 2}), state.counts);
}

/// "timestamp: from > to" of each change.
std::string told(const std::optional<StatusReading>& known, std::initializer_list<Content> contents) {
  std::vector<Message> messages;
  for (const Content& content : contents) messages.push_back(message(content, 1, 5));
  std::string text;
  for (const StatusChange& change : status_changes({.device = DeviceNumber{1}, .status = known}, messages)) {
    EXPECT_EQ(DeviceNumber{1}, change.device);
    EXPECT_EQ(server_time(5), change.received_at);
    text += std::to_string(seconds_since_1970(change.timestamp)) + ": " + std::to_string(change.from) + " > " +
            std::to_string(change.to) + "; ";
  }
  return text;
}

Content track(std::int64_t time, std::uint8_t status) {
  return TrackPacket{.status = status, .timestamp = device_time(time), .position = {}};
}
Content activity(std::int64_t time, std::uint8_t status) {
  return ActivityPacket{.status = status, .timestamp = device_time(time)};
}

TEST(StatusChanges, AreEachStepInDeviceTimeWhateverTheOrder) {
  EXPECT_EQ("", told(std::nullopt, {}));
  EXPECT_EQ("", told(std::nullopt, {track(10, 1), track(20, 1)})) << "the first status is no change";
  EXPECT_EQ("20: 1 > 2; 30: 2 > 1; ", told(std::nullopt, {track(30, 1), activity(20, 2), track(10, 1), track(25, 2)}));
  EXPECT_EQ("20: 1 > 2; ", told(std::nullopt, {track(10, 1), flaw, heartbeat, activity(20, 2)}));
}

TEST(StatusChanges, AreNotMadeByWhatIsOlderThanTheStatus) {
  const StatusReading known{1, device_time(20), Family::activity};
  EXPECT_EQ("", told(known, {track(19, 2), activity(20, 3)}));
  EXPECT_EQ("", told(known, {track(21, 1)}));
  EXPECT_EQ("21: 1 > 2; ", told(known, {track(10, 7), track(21, 2)}));
}

TEST(StatusChanges, AreThoseOfTheTrackPacketWhereTwoAreOfOneSecond) {
  const StatusReading by_activity{1, device_time(20), Family::activity};
  EXPECT_EQ("20: 1 > 2; ", told(by_activity, {track(20, 2)}));
  EXPECT_EQ("", told(StatusReading{1, device_time(20), Family::track}, {activity(20, 2)}));
  EXPECT_EQ("30: 1 > 2; ", told(by_activity, {track(30, 2), activity(30, 3)}));
  EXPECT_EQ("", told(by_activity, {activity(30, 3), track(30, 1)}));
}

TEST(StaleWindow, IsTheQuarterHourOfThePacket) {
  const PacketKey key{DeviceNumber{1}, Family::track, device_time(1'700'000'123)};
  EXPECT_EQ(device_time(1'700'000'100), stale_window_of(key).from);
}

TEST(StaleWindow, HoldsItsPacketBefore1970Too) {
  for (const auto& [seconds, from] : {std::pair{-1, -900}, {-900, -900}, {-901, -1800}, {0, 0}, {899, 0}, {900, 900}}) {
    const PacketKey key{DeviceNumber{1}, Family::track, device_time(seconds)};
    EXPECT_EQ(device_time(from), stale_window_of(key).from) << seconds;
  }
}

}  // namespace
}  // namespace packwalk
