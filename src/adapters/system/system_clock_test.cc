#include "adapters/system/system_clock.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>
#include <vector>

namespace packwalk {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;

std::atomic<std::int64_t> machine_time;
ServerTime time_of_test() { return server_time(machine_time); }

constexpr std::int64_t noon = 1'767'268'800'000'000;

TEST(SystemClock, FollowsAClockThatJumpsAheadAndBackAtOnce) {
  machine_time = noon;
  const auto clock = make_clock_of(time_of_test);
  EXPECT_EQ(server_time(noon), clock->stamp());
  machine_time += microseconds(hours(24)).count();
  EXPECT_EQ(server_time(noon) + hours(24), clock->stamp());
  EXPECT_EQ(server_time(noon) + hours(24), clock->now());
  machine_time = noon + 2'000'000;
  EXPECT_EQ(server_time(noon + 2'000'000), clock->now());
  EXPECT_EQ(server_time(noon + 2'000'000), clock->stamp());
  EXPECT_EQ(server_time(noon + 2'000'000), clock->now());
}

TEST(SystemClock, NeverStampsTwiceWhileTheMachinesClockStandsStillOrIsAdjusted) {
  machine_time = noon;
  const auto clock = make_clock_of(time_of_test);
  std::vector<std::vector<ServerTime>> stamps(4);
  {
    std::vector<std::jthread> threads;
    for (auto& own : stamps) {
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) own.push_back(clock->stamp());
      });
    }
  }
  machine_time -= 500'000;
  stamps.front().push_back(clock->stamp());
  std::set<ServerTime> all;
  for (const auto& own : stamps) all.insert(own.begin(), own.end());
  EXPECT_EQ(4001U, all.size());
  EXPECT_EQ(server_time(noon - 500'000), clock->now()) << "ages follow it all the same";
}

}  // namespace
}  // namespace packwalk
