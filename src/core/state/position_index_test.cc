// The index against the obvious: a scan over all positions.
#include "core/state/position_index.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>

namespace packwalk {
namespace {

DevicePosition at(std::int64_t device, double latitude, double longitude, std::int64_t seconds = 1'700'000'000) {
  return {DeviceNumber{device},
          Fix{.position = LatLon::from_degrees(latitude, longitude).value(), .timestamp = device_time(seconds)}};
}

BoxQuery box(double west, double south, double east, double north) {
  return {.box = GeoBox::from_degrees(west, south, east, north).value(), .earliest = device_time(0)};
}

std::vector<std::int64_t> numbers(const BoxAnswer& answer) {
  std::vector<std::int64_t> found;
  for (const DevicePosition& position : answer.positions) found.push_back(position.device.value);
  std::sort(found.begin(), found.end());
  return found;
}

TEST(PositionIndex, KeepsTheNewestFixOfADevice) {
  PositionIndex index;
  index.put(at(1, 50, 10, 200));
  index.put(at(1, 51, 11, 100));
  EXPECT_EQ(device_time(200), index.find(DeviceNumber{1})->fix.timestamp);
  index.put(at(1, 52, 12, 300));
  EXPECT_EQ(52, index.find(DeviceNumber{1})->fix.position.latitude());
  EXPECT_EQ(1u, index.size());
  EXPECT_TRUE(index.in_box(box(10, 50, 10, 50)).positions.empty());
}

TEST(PositionIndex, ForgetsARemovedDevice) {
  PositionIndex index;
  index.put(at(1, 50, 10));
  index.remove(DeviceNumber{1});
  index.remove(DeviceNumber{2});
  EXPECT_FALSE(index.find(DeviceNumber{1}));
  EXPECT_TRUE(index.in_box(box(-180, -90, 180, 90)).positions.empty());
}

TEST(PositionIndex, HoldsAKennelOfDogsAtOnePlace) {
  PositionIndex index;
  for (std::int64_t i = 1; i <= 500; ++i) index.put(at(i, 48.7, 44.5));
  EXPECT_EQ(500u, index.in_box(box(44, 48, 45, 49)).positions.size());
  for (std::int64_t i = 1; i <= 500; ++i) index.put(at(i, -48.7, 44.5, 1'700'000'001));
  EXPECT_TRUE(index.in_box(box(44, 48, 45, 49)).positions.empty());
}

TEST(PositionIndex, FindsBothSidesOfTheAntimeridian) {
  PositionIndex index;
  index.put(at(1, -16, 179.9));
  index.put(at(2, -16, -179.9));
  index.put(at(3, -16, 180));
  index.put(at(4, -16, -180));
  index.put(at(5, -16, 0));
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3, 4}), numbers(index.in_box(box(179, -17, -179, -15))));
  EXPECT_EQ((std::vector<std::int64_t>{2, 3, 4}), numbers(index.in_box(box(-180, -17, -179, -15))));
  EXPECT_EQ((std::vector<std::int64_t>{1, 3, 4}), numbers(index.in_box(box(179, -17, 180, -15))));
  EXPECT_EQ(5u, index.in_box(box(-180, -90, 180, 90)).positions.size());
}

TEST(PositionIndex, LeavesOutOldFixes) {
  PositionIndex index;
  index.put(at(1, 50, 10, 100));
  index.put(at(2, 50, 10, 200));
  BoxQuery query = box(9, 49, 11, 51);
  query.earliest = device_time(150);
  EXPECT_EQ((std::vector<std::int64_t>{2}), numbers(index.in_box(query)));
}

TEST(PositionIndex, PagesMeetEachDeviceOnceEvenWhenItMoves) {
  PositionIndex index;
  for (std::int64_t i = 1; i <= 1000; ++i) index.put(at(i, 50 + static_cast<double>(i) / 1e4, 10));
  BoxQuery query = box(9, 49, 11, 51);
  query.limit = 64;
  std::vector<std::int64_t> met;
  for (bool more = true; more;) {
    const BoxAnswer answer = index.in_box(query);
    for (const DevicePosition& position : answer.positions) met.push_back(position.device.value);
    for (std::int64_t i = 1; i <= 1000; ++i) {
      index.put(at(i, 50.5 - static_cast<double>(i * 7 % 1000) / 1e4, 10.5,
                   1'700'000'001 + static_cast<std::int64_t>(met.size())));
    }
    more = answer.more;
    if (more) query.after = answer.positions.back().device;
  }
  std::vector<std::int64_t> all(1000);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::int64_t>(i) + 1;
  std::sort(met.begin(), met.end());  // the last page comes in no order
  EXPECT_EQ(all, met);
}

TEST(PositionIndex, EqualsAScan) {
  EXPECT_TRUE(rc::check([] {
    PositionIndex index;
    std::map<std::int64_t, DevicePosition> scan;
    const auto degrees = [](int whole, double edge) { return std::clamp(whole / 16.0, -edge, edge); };
    const auto puts = *rc::gen::container<std::vector<std::tuple<int, int, int, int>>>(
        rc::gen::tuple(rc::gen::inRange(1, 200), rc::gen::inRange(-1440, 1441), rc::gen::inRange(-2880, 2881),
                       rc::gen::inRange(0, 50)));
    for (const auto& [device, latitude, longitude, seconds] : puts) {
      if (seconds == 49) {
        index.remove(DeviceNumber{device});
        scan.erase(device);
        continue;
      }
      const DevicePosition position = at(device, degrees(latitude, 90), degrees(longitude, 180), seconds);
      index.put(position);
      const auto [known, fresh] = scan.try_emplace(device, position);
      if (!fresh && position.fix.timestamp > known->second.fix.timestamp) known->second = position;
    }
    const auto edges = *rc::gen::tuple(rc::gen::inRange(-2880, 2881), rc::gen::inRange(-1440, 1441),
                                       rc::gen::inRange(-2880, 2881), rc::gen::inRange(-1440, 1441));
    const BoxQuery query =
        box(degrees(std::get<0>(edges), 180), degrees(std::min(std::get<1>(edges), std::get<3>(edges)), 90),
            degrees(std::get<2>(edges), 180), degrees(std::max(std::get<1>(edges), std::get<3>(edges)), 90));
    std::vector<std::int64_t> wanted;
    for (const auto& [device, position] : scan) {
      if (query.box.contains(position.fix.position)) wanted.push_back(device);
    }
    RC_ASSERT(numbers(index.in_box(query)) == wanted);
    RC_ASSERT(index.size() == scan.size());
  }));
}

}  // namespace
}  // namespace packwalk
