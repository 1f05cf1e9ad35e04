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
const Content heartbeat = Notice{"heartbeat"};

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
