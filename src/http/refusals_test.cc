#include "http/refusals.h"

#include <gtest/gtest.h>

#include <set>

namespace packwalk {
namespace {

using std::chrono::seconds;

const Refusals::Time begin{std::chrono::hours(1)};
constexpr ServerTime at = server_time(1'770'000'000'000'000);
constexpr DeviceNumber rex{7};

struct Watched {
  std::vector<RefusalReport> reports;
  Refusals refusals{[this](const RefusalReport& report) { reports.push_back(report); }};

  void refuse(const char* address, Refusals::Time now, const char* reason = "unknown_token") {
    refusals.note({.door = "osmand", .reason = reason, .address = address}, at, now);
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

TEST(Refusals, OfADeviceAreTakenOnceAMinute) {
  Watched watched;
  const auto refuse = [&](ServerTime when, const char* detail) {
    watched.refusals.note({.door = "owntracks", .reason = "invalid", .device = rex, .detail = detail}, when, begin);
  };
  refuse(at, "encrypted");
  const std::vector<DeviceRefusal> first = {{rex, at, "owntracks", "invalid: encrypted"}};
  EXPECT_EQ(first, watched.refusals.take_device_refusals(begin));
  EXPECT_TRUE(watched.refusals.take_device_refusals(begin + seconds(1)).empty());
  refuse(at + seconds(2), "");
  EXPECT_TRUE(watched.refusals.take_device_refusals(begin + seconds(59)).empty());
  const std::vector<DeviceRefusal> second = {{rex, at + seconds(2), "owntracks", "invalid"}};
  EXPECT_EQ(second, watched.refusals.take_device_refusals(begin + seconds(60)));
  EXPECT_TRUE(watched.refusals.take_device_refusals(begin + seconds(200)).empty());
}

TEST(Refusals, OfVeryManyDevicesTakeNoMoreMemoryThanIsTheirs) {
  Watched watched;
  std::set<DeviceNumber> seen;
  for (std::int64_t round = 0; round < 3; ++round) {
    for (std::int64_t i = 0; i < 12'000; ++i) {
      watched.refusals.note({.door = "packets", .reason = "day_limit", .device = DeviceNumber{i}}, at, begin);
    }
    const auto taken = watched.refusals.take_device_refusals(begin + std::chrono::minutes(round));
    EXPECT_LE(taken.size(), Refusals::devices_max);
    for (const DeviceRefusal& each : taken) seen.insert(each.device);
  }
  EXPECT_GE(seen.size(), Refusals::devices_max);
}

}  // namespace
}  // namespace packwalk
