#include "replay/account.h"

#include <gmock/gmock.h>

namespace packwalk::replay {
namespace {

TEST(Account, ReadsTheAnswersOfTheServer) {
  const auto taken = taken_from(R"({"taken":2,"invalid":[{"index":1,"field":"lat","reason":"x"}]})");
  ASSERT_TRUE(taken);
  EXPECT_EQ(2, taken->taken);
  EXPECT_EQ(1, taken->invalid);
  EXPECT_FALSE(taken_from(R"({"taken":2})"));
  EXPECT_FALSE(taken_from("no JSON"));
  EXPECT_EQ((Judged{4, 3, 2, 1}),
            judged_from(R"({"device":"a","messages":{"accepted":4,"duplicate":3,"conflict":2,"invalid":1}})"));
  EXPECT_EQ(std::nullopt, judged_from(R"({"messages":{"accepted":4}})"));
}

Account closed_account() {
  return {.rows = 9, .scheduled = 10, .sent = 10, .taken = 8, .invalid = 2, .judged = Judged{6, 1, 1, 2}};
}

TEST(Account, ClosesWhenEveryPacketHasAVerdict) { EXPECT_TRUE(closed_account().closes()); }

TEST(Account, DoesNotCloseWhenAPacketIsMissingOrTooMany) {
  for (const std::int64_t change : {-1, 1}) {
    Account account = closed_account();
    account.judged->duplicate += change;
    EXPECT_FALSE(account.closes());
    account = closed_account();
    account.sent += change;
    EXPECT_FALSE(account.closes());
    account = closed_account();
    account.taken += change;
    EXPECT_FALSE(account.closes());
  }
}

TEST(Account, OfAReplayThatWasStoppedBalancesButDoesNotClose) {
  Account account = closed_account();
  account.scheduled = 20;
  EXPECT_FALSE(account.closes());
  EXPECT_TRUE(account.balances());
  EXPECT_THAT(text_of({.file = "f", .devices = {{"a", "a", account}}, .interrupted = true}, 1),
              testing::HasSubstr("it was stopped.\nNot all was sent; what was is accounted for: sent 10 = 6"));
}

TEST(Account, CountsOneOfAThingAsOne) {
  const Account account{.rows = 1, .scheduled = 1, .judged = Judged{}};
  const std::string text = text_of(
      {.file = "f", .devices = {{"a", "a", account}}, .unreadable = {{4, "x"}}, .requests = 1, .busy_answers = 1}, 1);
  EXPECT_THAT(text, testing::HasSubstr("\n1 request; 1 was asked to come again, 0 got no answer"));
  EXPECT_THAT(text, testing::HasSubstr("\nOf 1 packet to send, 1 was not sent.\n"));
  EXPECT_THAT(text, testing::HasSubstr("\n1 row cannot be read and was not sent:\n  line 4: x\n"));
}

TEST(Account, ClosesWithinWhatTheServerMayHaveGotWithoutAnAnswer) {
  Account account = closed_account();
  account.unsure = 3;
  account.judged->duplicate += 3;
  EXPECT_TRUE(account.closes());
  account.judged->duplicate += 1;
  EXPECT_FALSE(account.closes());
}

TEST(Account, OfAllDevicesIsTheSumAndClosesWhenEachDoes) {
  ReplayAccount account{.file = "f", .devices = {{"a", "a", closed_account()}, {"b", "b", closed_account()}}};
  EXPECT_EQ(20, account.total().sent);
  EXPECT_EQ((Judged{12, 2, 2, 4}), account.total().judged);
  EXPECT_TRUE(account.closes());
  EXPECT_THAT(text_of(account, 10),
              testing::HasSubstr("closes: sent 20 = 12 accepted + 2 duplicate + 2 conflict + 4 invalid."));
  EXPECT_THAT(text_of(account, 1), testing::HasSubstr("and 1 more\n"));
  account.devices[0].account.judged->accepted += 1;
  account.devices[1].account.judged->accepted -= 1;
  EXPECT_FALSE(account.closes()) << "the total alone would";
  EXPECT_THAT(json_of(account), testing::HasSubstr(R"("closes":false})"));
}

}  // namespace
}  // namespace packwalk::replay
