#include "http/failed_log_ins.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace packwalk {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const FailedLogIns::Time begin{std::chrono::hours(1)};

TEST(RateLimit, GivesABurstAndThenSoManyASecond) {
  RateLimit limit({.burst = 3, .per_second = 2});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.take(7, begin));
  EXPECT_FALSE(limit.has_some(7, begin));
  EXPECT_FALSE(limit.take(7, begin));
  EXPECT_TRUE(limit.take(8, begin)) << "another key";
  EXPECT_TRUE(limit.take(7, begin + milliseconds(501)));
  EXPECT_FALSE(limit.take(7, begin + milliseconds(502)));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limit.take(7, begin + seconds(10)));
  EXPECT_FALSE(limit.take(7, begin + seconds(10)));
}

TEST(RateLimit, StandsAClockThatDoesNotMoveOn) {
  RateLimit limit({.burst = 1, .per_second = 1});
  EXPECT_TRUE(limit.take(1, begin));
  EXPECT_FALSE(limit.take(1, begin - seconds(100)));
  EXPECT_FALSE(limit.take(1, begin));
}

TEST(RateLimit, RemembersTheWorstAmongTooManyKeys) {
  RateLimit limit({.burst = 100, .per_second = 0.001, .keys_max = 64});
  for (int i = 0; i < 100; ++i) limit.take(1, begin);
  for (std::uint64_t key = 1000; key < 100'000; ++key) limit.take(key, begin);
  EXPECT_FALSE(limit.has_some(1, begin)) << "strangers cannot wash it away";
}

struct Watched {
  std::map<LogInFailure, int> counted;
  std::string last;
  FailedLogIns failed{
      {.per_minute_max = 60, .refused = [this](std::string_view door, LogInFailure cause, const std::string& address) {
         ++counted[cause];
         last = std::string(door) + " " + std::string(name_of(cause)) + " " + address;
       }}};
};

TEST(FailedLogIns, AreAnswered429WhenOneAddressSendsTooMany) {
  Watched log_ins;
  for (int i = 0; i < 60; ++i) {
    EXPECT_FALSE(log_ins.failed.too_many("192.0.2.1", "osmand", begin));
    log_ins.failed.note("192.0.2.1", "osmand", LogInFailure::unknown_token, begin);
  }
  const auto limited = log_ins.failed.too_many("192.0.2.1", "osmand", begin);
  ASSERT_TRUE(limited);
  EXPECT_EQ(429, limited->status);
  EXPECT_EQ("Retry-After", limited->headers.at(0).first);
  EXPECT_FALSE(log_ins.failed.too_many("192.0.2.2", "osmand", begin));
  EXPECT_FALSE(log_ins.failed.too_many("192.0.2.1", "osmand", begin + seconds(2)));
  EXPECT_EQ(60, log_ins.counted[LogInFailure::unknown_token]);
  EXPECT_EQ(1, log_ins.counted[LogInFailure::too_many]);
  EXPECT_EQ("osmand too_many 192.0.2.1", log_ins.last);
}

TEST(FailedLogIns, AreNotLimitedWhereNobodyWantsThat) {
  FailedLogIns failed({.per_minute_max = 0});
  for (int i = 0; i < 10'000; ++i) failed.note("192.0.2.1", "osmand", LogInFailure::unknown_token, begin);
  EXPECT_FALSE(failed.too_many("192.0.2.1", "osmand", begin));
}

}  // namespace
}  // namespace packwalk
