#include "doors/refusals.h"

#include <gtest/gtest.h>

#include <new>
#include <set>
#include <string>

namespace packwalk {
namespace {

using std::chrono::seconds;

const Refusals::Time begin{std::chrono::hours(1)};
constexpr ServerTime at = server_time(1'770'000'000'000'000);
constexpr DeviceNumber rex{7};
constexpr DeviceNumber bob{8};

struct Watched {
  std::vector<RefusalReport> reports;
  Refusals refusals{[this](const RefusalReport& report) { reports.push_back(report); }};

  void refuse(const char* address, Refusals::Time now, const char* reason = "unknown_token") {
    refusals.note({.door = "osmand", .reason = reason, .address = address}, at, now);
  }

  /// What a store that takes all gets.
  std::vector<DeviceRefusal> kept(Refusals::Time now, Refusals::Due due = Refusals::Due::at_intervals) {
    std::vector<DeviceRefusal> all;
    const auto keep = [&](std::span<const DeviceRefusal> some) -> Result<void> {
      all.assign(some.begin(), some.end());
      return {};
    };
    EXPECT_TRUE(refusals.keep_device_refusals(keep, due, now));
    return all;
  }
};

TEST(Refusals, AreReportedOnceAMinuteAndCauseAndAddress) {
  Watched watched;
  for (int i = 0; i < 50; ++i) watched.refuse("192.0.2.1", begin + seconds(i));
  watched.refuse("192.0.2.9", begin + seconds(51));
  watched.refuse("192.0.2.1", begin + seconds(52), "no_token");
  ASSERT_EQ(3U, watched.reports.size());
  EXPECT_EQ("osmand", watched.reports[0].door);
  EXPECT_EQ("unknown_token", watched.reports[0].reason);
  EXPECT_EQ("192.0.2.1", watched.reports[0].address);
  EXPECT_EQ(1U, watched.reports[0].count);
  EXPECT_EQ("192.0.2.9", watched.reports[1].address);
  EXPECT_EQ("no_token", watched.reports[2].reason);
  watched.refuse("192.0.2.1", begin + seconds(60));
  ASSERT_EQ(4U, watched.reports.size());
  EXPECT_EQ(50U, watched.reports[3].count) << "with all since then";
}

TEST(Refusals, ReportTheEndOfASeriesToo) {
  Watched watched;
  for (int i = 0; i < 3; ++i) watched.refuse("192.0.2.1", begin);
  watched.refusals.report_rest(begin + seconds(59));
  EXPECT_EQ(1U, watched.reports.size());
  watched.refusals.report_rest(begin + seconds(60));
  ASSERT_EQ(2U, watched.reports.size());
  EXPECT_EQ(2U, watched.reports[1].count);
  for (int i = 61; i < 500; ++i) watched.refusals.report_rest(begin + seconds(i));
  EXPECT_EQ(2U, watched.reports.size());
}

TEST(Refusals, FromVeryManyAddressesAreReportedTogether) {
  Watched watched;
  for (std::size_t i = 0; i < 100'000; ++i) watched.refuse(std::to_string(i).c_str(), begin);
  EXPECT_LE(watched.reports.size(), Refusals::reports_max + 1);
  EXPECT_EQ("", watched.reports.back().address);
  watched.refusals.report_rest(begin + seconds(60));
  EXPECT_EQ(100'000U - Refusals::reports_max - 1, watched.reports.back().count);
  watched.refusals.report_rest(begin + seconds(120));
  watched.refuse("192.0.2.1", begin + seconds(121));
  EXPECT_EQ("192.0.2.1", watched.reports.back().address) << "there is room again";
}

TEST(Refusals, OfDevicesBehindOneAddressAreReportedApart) {
  Watched watched;
  const auto refuse = [&](DeviceNumber device, Refusals::Time now, const char* detail) {
    watched.refusals.note(
        {.door = "osmand", .reason = "invalid", .address = "10.0.0.1", .device = device, .detail = detail}, at, now);
  };
  for (int i = 0; i < 3; ++i) {
    refuse(rex, begin, "of rex");
    refuse(bob, begin + seconds(1), "of bob");
  }
  ASSERT_EQ(2U, watched.reports.size());
  EXPECT_EQ(rex, watched.reports[0].device);
  EXPECT_EQ("of rex", watched.reports[0].detail);
  EXPECT_EQ(bob, watched.reports[1].device);
  EXPECT_EQ("of bob", watched.reports[1].detail);
  watched.refusals.report_rest(begin + seconds(70));
  ASSERT_EQ(4U, watched.reports.size());
  EXPECT_EQ(rex, watched.reports[2].device);
  EXPECT_EQ(2U, watched.reports[2].count);
  EXPECT_EQ(bob, watched.reports[3].device);
}

TEST(Refusals, OfVeryManyDevicesBehindOneAddressLeaveRoomForOtherAddresses) {
  Watched watched;
  for (std::int64_t i = 1; i <= 10'000; ++i) {
    watched.refusals.note({.door = "packets", .reason = "day_limit", .address = "10.0.0.1", .device = DeviceNumber{i}},
                          at, begin);
  }
  EXPECT_EQ(Refusals::device_reports_max + 1, watched.reports.size());
  EXPECT_EQ(std::nullopt, watched.reports.back().device) << "the others together";
  EXPECT_EQ("10.0.0.1", watched.reports.back().address);
  watched.refuse("192.0.2.1", begin);
  EXPECT_EQ("192.0.2.1", watched.reports.back().address);
  for (const int minute : {2, 4, 6}) watched.refusals.report_rest(begin + std::chrono::minutes(minute));
  watched.refusals.note({.door = "packets", .reason = "day_limit", .address = "10.0.0.1", .device = bob}, at,
                        begin + std::chrono::minutes(7));
  EXPECT_EQ(bob, watched.reports.back().device) << "there is room again";
}

TEST(Refusals, AreReportedOncePerDetailWhereThatKeepsThemApart) {
  Watched watched;
  const auto refuse = [&](const char* detail, Refusals::Time now) {
    watched.refusals.note(
        {.door = "", .reason = "unknown_path", .address = "192.0.2.1", .detail = detail, .apart_by_detail = true}, at,
        now);
  };
  for (int i = 0; i < 10; ++i) {
    for (const char* detail : {"", "did you mean /owntracks?", "did you mean /osmand?"}) refuse(detail, begin);
  }
  ASSERT_EQ(3U, watched.reports.size());
  EXPECT_EQ("", watched.reports[0].detail);
  EXPECT_EQ("did you mean /owntracks?", watched.reports[1].detail);
  EXPECT_EQ("did you mean /osmand?", watched.reports[2].detail);
  watched.refusals.report_rest(begin + seconds(60));
  ASSERT_EQ(6U, watched.reports.size());
  for (std::size_t i = 3; i < 6; ++i) EXPECT_EQ(9U, watched.reports[i].count);
}

TEST(Refusals, OfVeryManyDetailsTakeNoMoreMemoryThanIsTheirs) {
  Watched watched;
  for (std::size_t i = 0; i < 10'000; ++i) {
    const std::string detail = std::to_string(i);
    watched.refusals.note({.door = "", .reason = "unknown_path", .detail = detail, .apart_by_detail = true}, at, begin);
  }
  EXPECT_EQ(Refusals::reports_max + 1, watched.reports.size());
}

TEST(Refusals, OfADeviceAreKeptOnceAMinute) {
  Watched watched;
  const auto refuse = [&](ServerTime when, const char* detail) {
    watched.refusals.note({.door = "owntracks", .reason = "invalid", .device = rex, .detail = detail}, when, begin);
  };
  refuse(at, "encrypted");
  const std::vector<DeviceRefusal> first = {{rex, at, "owntracks", "invalid: encrypted"}};
  EXPECT_EQ(first, watched.kept(begin));
  EXPECT_TRUE(watched.kept(begin + seconds(1)).empty());
  refuse(at + seconds(2), "encrypted");
  EXPECT_TRUE(watched.kept(begin + seconds(59)).empty());
  const std::vector<DeviceRefusal> second = {{rex, at + seconds(2), "owntracks", "invalid: encrypted"}};
  EXPECT_EQ(second, watched.kept(begin + seconds(60)));
  EXPECT_TRUE(watched.kept(begin + seconds(200)).empty());
}

TEST(Refusals, OfADeviceForAnotherReasonAreKeptWithinSeconds) {
  Watched watched;
  const auto refuse = [&](ServerTime when, const char* detail) {
    watched.refusals.note({.door = "osmand", .reason = "invalid", .device = rex, .detail = detail}, when, begin);
  };
  refuse(at, "lat");
  EXPECT_EQ(1U, watched.kept(begin).size());
  refuse(at + seconds(1), "lon");
  EXPECT_TRUE(watched.kept(begin + seconds(4)).empty());
  const std::vector<DeviceRefusal> second = {{rex, at + seconds(1), "osmand", "invalid: lon"}};
  EXPECT_EQ(second, watched.kept(begin + seconds(5)));
  EXPECT_TRUE(watched.kept(begin + seconds(20)).empty());
  refuse(at + seconds(21), "lat");
  const std::vector<DeviceRefusal> third = {{rex, at + seconds(21), "osmand", "invalid: lat"}};
  EXPECT_EQ(third, watched.kept(begin + seconds(21))) << "at once";
}

TEST(Refusals, OfADeviceWhoseReasonsAlternateCauseFewWrites) {
  Watched watched;
  std::size_t writes = 0;
  for (int i = 0; i < 60; ++i) {
    for (const char* reason : {"day_limit", "invalid"}) {
      watched.refusals.note({.door = "osmand", .reason = reason, .device = rex}, at + seconds(i), begin);
      if (i % 2 == 0) continue;
      writes += watched.kept(begin + seconds(i)).size();
    }
  }
  EXPECT_GT(writes, 5U);
  EXPECT_LE(writes, 12U);
}

TEST(Refusals, OfVeryManyDevicesWithNewReasonsAreKeptStepByStep) {
  Watched watched;
  const auto refuse_all = [&](const char* reason) {
    for (std::int64_t i = 1; i <= 1000; ++i) {
      watched.refusals.note({.door = "packets", .reason = reason, .device = DeviceNumber{i}}, at, begin);
    }
  };
  refuse_all("day_limit");
  EXPECT_EQ(1000U, watched.kept(begin).size());
  refuse_all("invalid");
  EXPECT_EQ(Refusals::early_max, watched.kept(begin + seconds(5)).size());
  EXPECT_EQ(Refusals::early_max, watched.kept(begin + seconds(6)).size());
  EXPECT_EQ(1000U - 2 * Refusals::early_max, watched.kept(begin + seconds(60)).size());
}

TEST(Refusals, OfADeviceAreAllKeptAtTheEnd) {
  Watched watched;
  watched.refusals.note({.door = "osmand", .reason = "day_limit", .device = rex}, at, begin);
  EXPECT_EQ(1U, watched.kept(begin).size());
  watched.refusals.note({.door = "osmand", .reason = "invalid", .device = rex}, at + seconds(1), begin + seconds(1));
  const std::vector<DeviceRefusal> last = {{rex, at + seconds(1), "osmand", "invalid"}};
  EXPECT_EQ(last, watched.kept(begin + seconds(2), Refusals::Due::all));
  EXPECT_TRUE(watched.kept(begin + seconds(3), Refusals::Due::all).empty());
}

TEST(Refusals, ThatAStoreDoesNotTakeAreHandedOverAgain) {
  Watched watched;
  const auto refuse = [&](DeviceNumber device, ServerTime when) {
    watched.refusals.note({.door = "osmand", .reason = "day_limit", .device = device}, when, begin);
  };
  const auto at_once = Refusals::Due::at_intervals;
  refuse(rex, at);
  refuse(bob, at);
  const auto fails = [&](std::span<const DeviceRefusal> refusals) -> Result<void> {
    EXPECT_EQ(2U, refusals.size());
    refuse(bob, at + seconds(1));
    return fail(Errc::unavailable, "the store is away");
  };
  EXPECT_FALSE(watched.refusals.keep_device_refusals(fails, at_once, begin));
  const auto throws = [](std::span<const DeviceRefusal>) -> Result<void> { throw std::bad_alloc(); };
  EXPECT_THROW(static_cast<void>(watched.refusals.keep_device_refusals(throws, at_once, begin)), std::bad_alloc);
  const std::vector<DeviceRefusal> both = {{rex, at, "osmand", "day_limit"},
                                           {bob, at + seconds(1), "osmand", "day_limit"}};
  EXPECT_EQ(both, watched.kept(begin + seconds(1)));
  EXPECT_TRUE(watched.kept(begin + seconds(2)).empty());
}

TEST(Refusals, ThatComeWhileOthersAreKeptAreKeptLater) {
  Watched watched;
  const auto refuse = [&](ServerTime when) {
    watched.refusals.note({.door = "osmand", .reason = "day_limit", .device = rex}, when, begin);
  };
  refuse(at);
  const auto slow = [&](std::span<const DeviceRefusal>) -> Result<void> {
    refuse(at + seconds(5));
    return {};
  };
  EXPECT_TRUE(watched.refusals.keep_device_refusals(slow, Refusals::Due::at_intervals, begin));
  EXPECT_TRUE(watched.kept(begin + seconds(59)).empty());
  const std::vector<DeviceRefusal> later = {{rex, at + seconds(5), "osmand", "day_limit"}};
  EXPECT_EQ(later, watched.kept(begin + seconds(60)));
}

TEST(Refusals, OfVeryManyDevicesTakeNoMoreMemoryThanIsTheirs) {
  Watched watched;
  std::set<DeviceNumber> seen;
  for (std::int64_t round = 0; round < 3; ++round) {
    for (std::int64_t i = 0; i < 12'000; ++i) {
      watched.refusals.note({.door = "packets", .reason = "day_limit", .device = DeviceNumber{i}}, at, begin);
    }
    const auto kept = watched.kept(begin + std::chrono::minutes(round));
    EXPECT_LE(kept.size(), Refusals::devices_max);
    for (const DeviceRefusal& each : kept) seen.insert(each.device);
  }
  EXPECT_GE(seen.size(), Refusals::devices_max);
}

}  // namespace
}  // namespace packwalk
