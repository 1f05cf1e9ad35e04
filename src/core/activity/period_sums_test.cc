#include "core/activity/period_sums.h"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

namespace packwalk {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::Pair;

PeriodSums period(std::int64_t from, std::int64_t until) {
  return {.from = device_time(from), .until = device_time(until)};
}

ActivitySum sum(std::int64_t bucket, Activity activity, bool in_track, std::int64_t for_seconds, std::int64_t steps) {
  return {{device_time(bucket), activity, in_track}, for_seconds, steps};
}

TEST(PeriodSums, KeepInTrackAndOffTrackAndTypesApart) {
  std::vector<PeriodSums> periods = {period(900, 2700), period(2700, 3600)};
  const std::vector<ActivitySum> sums = {
      sum(0, Activity::walk, true, 1, 1),      sum(900, Activity::walk, true, 100, 10),
      sum(900, Activity::walk, false, 50, 5),  sum(1800, Activity::walk, true, 200, 20),
      sum(1800, Activity::sleep, false, 9, 0), sum(2700, Activity::trot, true, 30, 3),
      sum(3600, Activity::walk, true, 1, 1)};
  add_to_periods(periods, sums);
  EXPECT_THAT(periods[0].in_track, ElementsAre(Pair(Activity::walk, SecondsAndSteps{300, 30})));
  EXPECT_THAT(periods[0].off_track,
              ElementsAre(Pair(Activity::sleep, SecondsAndSteps{9, 0}), Pair(Activity::walk, SecondsAndSteps{50, 5})));
  EXPECT_EQ((SecondsAndSteps{350, 35}), periods[0].active());
  EXPECT_THAT(periods[1].in_track, ElementsAre(Pair(Activity::trot, SecondsAndSteps{30, 3})));
  EXPECT_TRUE(periods[1].off_track.empty());
}

TEST(PeriodSums, ATrackCountsAsAWholeWhereItBegan) {
  std::vector<PeriodSums> periods = {period(1000, 2000), period(2000, 3000)};
  const auto track = [](std::int64_t from, std::int64_t to, double length_m, int moving) {
    return Track{.from = device_time(from), .to = device_time(to), .length_m = length_m, .moving = seconds(moving)};
  };
  add_to_periods(periods, std::vector{track(999, 1500, 1, 1), track(1999, 2500, 100, 400), track(2600, 5000, 30, 90),
                                      track(3000, 3001, 1, 1)});
  EXPECT_EQ(1, periods[0].tracks);
  EXPECT_EQ(100, periods[0].length_m);
  EXPECT_EQ(seconds(400), periods[0].moving);
  EXPECT_EQ(1, periods[1].tracks);
  EXPECT_EQ(30, periods[1].length_m);
}

TEST(PeriodSums, SleepIsNotActive) {
  std::vector<PeriodSums> periods = {period(0, 900)};
  add_to_periods(
      periods, std::vector{sum(0, Activity::sleep, false, 100, 1), sum(0, Activity::steps_not_measured, true, 100, 1)});
  EXPECT_EQ(SecondsAndSteps{}, periods[0].active());
}

TEST(Goals, AreMetAtExactlyTheirNumbers) {
  std::vector<PeriodSums> periods = {period(0, 900)};
  add_to_periods(periods, std::vector{sum(0, Activity::gallop, false, 600, 1000)});
  const PeriodSums& day = periods[0];
  EXPECT_TRUE((Goals{.seconds = 600}).met_by(day));
  EXPECT_FALSE((Goals{.seconds = 601}).met_by(day));
  EXPECT_TRUE((Goals{.steps = 1000}).met_by(day));
  EXPECT_FALSE((Goals{.seconds = 600, .steps = 1001}).met_by(day)) << "all of them";
  EXPECT_FALSE(Goals{}.any());
}

/// Periods of 100 s from 0 on, of which `x` ones meet a goal of 1 s.
Streaks streaks(std::string_view met, std::int64_t now) {
  std::vector<PeriodSums> periods;
  for (std::size_t i = 0; i < met.size(); ++i) {
    const auto from = static_cast<std::int64_t>(i * 100);
    periods.push_back(period(from, from + 100));
    if (met[i] == 'x') periods.back().in_track[Activity::walk].seconds = 1;
  }
  return streaks_of(periods, {.seconds = 1}, device_time(now));
}

TEST(Streaks, AreMetPeriodsInARow) {
  EXPECT_EQ((Streaks{0, 0}), streaks("", 0));
  EXPECT_EQ((Streaks{2, 3}), streaks("xxx.xx", 9999));
  EXPECT_EQ((Streaks{0, 3}), streaks("xxx.xx.", 9999));
}

TEST(Streaks, APeriodThatIsNotOverEndsNone) {
  EXPECT_EQ((Streaks{2, 2}), streaks("xx.", 299));
  EXPECT_EQ((Streaks{0, 2}), streaks("xx.", 300));
  EXPECT_EQ((Streaks{3, 3}), streaks("xxx", 250));
}

TEST(Goals, OfADeviceWithoutActivityAreMetByTheTimeInWhichItMoved) {
  std::vector<PeriodSums> days(3);
  days[0].moving = std::chrono::seconds(1800);
  days[2].moving = std::chrono::seconds(1799);
  Goals goals{.seconds = 1800};
  EXPECT_EQ(GoalsBy::moving_seconds, goals_by(days));
  goals.by = goals_by(days);
  EXPECT_TRUE(goals.met_by(days[0]));
  EXPECT_FALSE(goals.met_by(days[1]));
  EXPECT_FALSE(goals.met_by(days[2]));
  goals.steps = 1;
  EXPECT_FALSE(goals.met_by(days[0])) << "nobody has counted its steps";
  EXPECT_EQ(GoalsBy::moving_seconds, goals_by({}));
}

TEST(Goals, AreMetByActivityOnceADeviceHasAnyInThePeriods) {
  for (const bool in_track : {true, false}) {
    std::vector<PeriodSums> days(3);
    days[0].moving = std::chrono::seconds(1800);
    (in_track ? days[2].in_track : days[2].off_track)[Activity::sleep] = {60, 0};
    Goals goals{.seconds = 1800};
    goals.by = goals_by(days);
    EXPECT_EQ(GoalsBy::activity, goals.by);
    EXPECT_FALSE(goals.met_by(days[0]));
  }
  EXPECT_EQ("activity", name_of(GoalsBy::activity));
  EXPECT_EQ("moving_seconds", name_of(GoalsBy::moving_seconds));
}

}  // namespace
}  // namespace packwalk
