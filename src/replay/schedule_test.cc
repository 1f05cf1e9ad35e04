#include "replay/schedule.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>

namespace packwalk::replay {
namespace {

Row row_of(std::size_t device, double seconds) { return {.device = device, .packet = {.seconds = seconds}}; }

std::vector<Row> steady_rows(std::size_t devices, std::size_t each) {
  std::vector<Row> rows;
  for (std::size_t device = 0; device < devices; ++device) {
    for (std::size_t i = 0; i < each; ++i) rows.push_back(row_of(device, 1e9 + static_cast<double>(i) * 60));
  }
  return rows;
}

TEST(Schedule, OfARecordingWithoutAnySpecialWishIsTheOrderOfDeviceTimes) {
  const std::vector<Row> rows = {row_of(0, 100), row_of(0, 300), row_of(1, 200)};
  EXPECT_EQ((std::vector<Send>{{100, 0, false}, {200, 2, false}, {300, 1, false}}), schedule(rows, {}));
}

TEST(Schedule, ARowThatIsEarlierThanTheOneBeforeItInTheFileGoesWithThat) {
  const std::vector<Row> rows = {row_of(0, 100), row_of(0, 300), row_of(0, 200), row_of(0, 400)};
  EXPECT_EQ((std::vector<Send>{{100, 0, false}, {300, 1, false}, {300, 2, false}, {400, 3, false}}),
            schedule(rows, {}));
}

TEST(Schedule, AClockThatWasWrongOnceHoldsUpNothing) {
  const std::vector<Row> rows = {row_of(0, 100), row_of(0, 100'000), row_of(0, 200)};
  EXPECT_EQ((std::vector<Send>{{100, 0, false}, {200, 1, false}, {200, 2, false}}), schedule(rows, {}));
}

RC_GTEST_PROP(Schedule, SendsEveryRowOnceAndTheShareOfDuplicatesOnceMoreLater, ()) {
  std::vector<Row> rows;
  for (int i = *rc::gen::inRange(0, 200); i > 0; --i) {
    rows.push_back(row_of(*rc::gen::inRange<std::size_t>(0, 5), *rc::gen::inRange(0, 100'000)));
  }
  const double share = *rc::gen::inRange(0, 101) / 100.0;
  const ScheduleOptions options{share, *rc::gen::inRange(0, 100) * 1.0, *rc::gen::inRange(0, 101) / 100.0,
                                *rc::gen::inRange(0, 30'000) * 1.0, *rc::gen::arbitrary<std::uint64_t>()};
  const std::vector<Send> sends = schedule(rows, options);
  RC_ASSERT(sends == schedule(rows, options));
  std::vector<int> first(rows.size());
  std::vector<int> again(rows.size());
  std::vector<double> first_at(rows.size());
  for (std::size_t i = 0; i < sends.size(); ++i) {
    if (i > 0) RC_ASSERT(sends[i - 1].at <= sends[i].at);
    if (sends[i].repeat) {
      ++again[sends[i].row];
      RC_ASSERT(first[sends[i].row] == 1);
    } else {
      ++first[sends[i].row];
    }
  }
  RC_ASSERT(std::all_of(first.begin(), first.end(), [](int times) { return times == 1; }));
  RC_ASSERT(std::all_of(again.begin(), again.end(), [](int times) { return times <= 1; }));
  RC_ASSERT(sends.size() - rows.size() ==
            static_cast<std::size_t>(std::llround(share * static_cast<double>(rows.size()))));
}

TEST(Schedule, AShuffleMovesAPacketByNoMoreThanItsSeconds) {
  const std::vector<Row> rows = steady_rows(3, 500);
  bool any_moved = false;
  for (const Send& send : schedule(rows, {.shuffle_seconds = 30})) {
    const double late = send.at - rows[send.row].packet.seconds;
    EXPECT_GE(late, 0);
    EXPECT_LE(late, 30);
    any_moved |= late > 1;
  }
  EXPECT_TRUE(any_moved);
}

TEST(Schedule, WhatIsHeldBackIsLateByItsTimeOrGoesAtTheEndInStretchesOfOneDevice) {
  const std::vector<Row> rows = steady_rows(4, 2000);  // 33 hours
  const std::vector<Send> sends = schedule(rows, {.hold_back_share = 0.02, .hold_back_seconds = 8 * 3600});
  const double end = rows[1999].packet.seconds;
  std::map<std::size_t, std::vector<std::size_t>> held;
  for (const Send& send : sends) {
    const double late = send.at - rows[send.row].packet.seconds;
    if (late == 0) continue;
    EXPECT_TRUE(late >= 8 * 3600 || send.at == end) << late;
    held[rows[send.row].device].push_back(send.row);
  }
  std::size_t count = 0;
  std::size_t neighbours = 0;
  for (auto& [device, own] : held) {
    std::sort(own.begin(), own.end());
    count += own.size();
    for (std::size_t i = 1; i < own.size(); ++i) neighbours += own[i] == own[i - 1] + 1 ? 1 : 0;
  }
  EXPECT_EQ(160U, count);
  EXPECT_GE(neighbours, 140U);
}

TEST(Schedule, AnotherSeedMakesAnotherOrder) {
  const std::vector<Row> rows = steady_rows(3, 50);
  EXPECT_NE(schedule(rows, {.shuffle_seconds = 300, .seed = 1}), schedule(rows, {.shuffle_seconds = 300, .seed = 2}));
}

}  // namespace
}  // namespace packwalk::replay
