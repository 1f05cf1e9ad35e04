#include "replay/tally.h"

#include <gmock/gmock.h>

namespace packwalk::replay {
namespace {

TEST(Tally, ReadsTheAnswersOfTheServer) {
  const auto taken = taken_from(R"({"taken_count":2,"invalid":[{"index":1,"field":"lat","reason":"x"}]})");
  ASSERT_TRUE(taken);
  EXPECT_EQ(2, taken->taken);
  EXPECT_EQ(1, taken->invalid);
  EXPECT_EQ(500, taken_from(R"({"taken_count":2,"invalid":[{},{}],"invalid_count":500})")->invalid);
  EXPECT_FALSE(taken_from(R"({"taken_count":2})"));
  EXPECT_FALSE(taken_from("no JSON"));
  EXPECT_EQ(
      (Judged{4, 3, 2, 1}),
      judged_from(R"({"device":"a","accepted_count":4,"duplicate_count":3,"conflict_count":2,"invalid_count":1})"));
  EXPECT_EQ(std::nullopt, judged_from(R"({"accepted_count":4})"));
}

Tally closed_tally() {
  return {.rows = 9, .scheduled = 10, .sent = 10, .taken = 8, .invalid = 2, .judged = Judged{6, 1, 1, 2}};
}

TEST(Tally, ClosesWhenEveryPacketHasAVerdict) { EXPECT_TRUE(closed_tally().closes()); }

TEST(Tally, DoesNotCloseWhenAPacketIsMissingOrTooMany) {
  for (const std::int64_t change : {-1, 1}) {
    Tally tally = closed_tally();
    tally.judged->duplicate += change;
    EXPECT_FALSE(tally.closes());
    tally = closed_tally();
    tally.sent += change;
    EXPECT_FALSE(tally.closes());
    tally = closed_tally();
    tally.taken += change;
    EXPECT_FALSE(tally.closes());
  }
}

TEST(Tally, OfAReplayThatWasStoppedBalancesButDoesNotClose) {
  Tally tally = closed_tally();
  tally.scheduled = 20;
  EXPECT_FALSE(tally.closes());
  EXPECT_TRUE(tally.balances());
  EXPECT_THAT(text_of({.file = "f", .devices = {{"a", "a", tally}}, .interrupted = true}, 1),
              testing::HasSubstr(
                  "it was stopped.\nNot everything was sent. The tally of the sent packets closes: sent 10 = 6"));
}

TEST(Tally, CountsOneOfAThingAsOne) {
  const Tally tally{.rows = 1, .scheduled = 1, .judged = Judged{}};
  const std::string text = text_of(
      {.file = "f", .devices = {{"a", "a", tally}}, .unreadable = {{4, "x"}}, .requests = 1, .busy_answers = 1}, 1);
  EXPECT_THAT(text, testing::HasSubstr("\n1 request; 1 was asked to come again, 0 got no answer"));
  EXPECT_THAT(text, testing::HasSubstr("\nOf 1 packet to send, 1 was not sent.\n"));
  EXPECT_THAT(text, testing::HasSubstr("\n1 row cannot be read and was not sent:\n  line 4: x\n"));
}

TEST(Tally, ClosesWithinWhatTheServerMayHaveGotWithoutAnAnswer) {
  Tally tally = closed_tally();
  tally.unsure = 3;
  tally.judged->duplicate += 3;
  EXPECT_TRUE(tally.closes());
  tally.judged->duplicate += 1;
  EXPECT_FALSE(tally.closes());
}

TEST(Tally, OfAllDevicesIsTheSumAndClosesWhenEachDoes) {
  ReplayTally tally{.file = "f", .devices = {{"a", "a", closed_tally()}, {"b", "b", closed_tally()}}};
  EXPECT_EQ(20, tally.total().sent);
  EXPECT_EQ((Judged{12, 2, 2, 4}), tally.total().judged);
  EXPECT_TRUE(tally.closes());
  EXPECT_THAT(text_of(tally, 10),
              testing::HasSubstr("closes: sent 20 = 12 accepted + 2 duplicate + 2 conflict + 4 invalid."));
  EXPECT_THAT(text_of(tally, 1), testing::HasSubstr("and 1 more\n"));
  tally.devices[0].tally.judged->accepted += 1;
  tally.devices[1].tally.judged->accepted -= 1;
  EXPECT_FALSE(tally.closes()) << "the total alone would";
  EXPECT_THAT(json_of(tally), testing::HasSubstr(R"("closes":false})"));
}

}  // namespace
}  // namespace packwalk::replay
