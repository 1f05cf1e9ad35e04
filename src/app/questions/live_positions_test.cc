#include "app/questions/live_positions.h"

#include <gtest/gtest.h>

#include <array>
#include <thread>

#include "app/questions/empty_query_store.h"

namespace packwalk {
namespace {

DevicePosition at(std::int64_t device, std::int64_t seconds, double latitude = 48.7) {
  return {
      DeviceNumber{device},
      Fix{.position = LatLon::from_degrees(latitude, 44.5).value(), .timestamp = device_time(seconds)},
  };
}

BoxQuery everywhere() { return {.box = GeoBox::from_degrees(-180, -90, 180, 90).value(), .earliest = device_time(0)}; }

/// A store that knows some positions, and may break down after them.
class KnownPositions final : public EmptyQueryStore {
 public:
  explicit KnownPositions(std::vector<DevicePosition> positions, bool broken = false)
      : positions_(std::move(positions)), broken_(broken) {}

  Result<void> each_position(const std::function<void(const DevicePosition&)>& take) override {
    for (const DevicePosition& position : positions_) take(position);
    if (broken_) return fail(Errc::unavailable, "the disk is gone");
    return {};
  }

 private:
  std::vector<DevicePosition> positions_;
  bool broken_;
};

TEST(LivePositions, AreFilledFromTheStore) {
  LivePositions live;
  KnownPositions store({at(1, 100), at(2, 200)});
  ASSERT_TRUE(live.fill_from(store));
  EXPECT_EQ(2u, live.size());
  EXPECT_EQ(at(2, 200), live.find(DeviceNumber{2}));
  EXPECT_FALSE(live.find(DeviceNumber{3}));
}

TEST(LivePositions, PassOnThatTheStoreFailed) {
  LivePositions live;
  KnownPositions store({at(1, 100)}, true);
  const auto filled = live.fill_from(store);
  ASSERT_FALSE(filled);
  EXPECT_EQ(Errc::unavailable, filled.error().code);
}

TEST(LivePositions, NeverGoBackInTime) {
  LivePositions live;
  live.publish(std::array{at(1, 300), at(2, 100)});
  live.publish(std::array{at(1, 200, 50), at(2, 200)});
  live.publish({});
  KnownPositions store({at(1, 250, 51)});
  ASSERT_TRUE(live.fill_from(store));
  EXPECT_EQ(at(1, 300), live.find(DeviceNumber{1}));
  EXPECT_EQ(at(2, 200), live.find(DeviceNumber{2}));
}

TEST(LivePositions, AreReadWhileTheyMove) {
  constexpr std::int64_t devices = 200;
  constexpr std::int64_t rounds = 50;
  LivePositions live;
  std::vector<DevicePosition> start;
  for (std::int64_t device = 1; device <= devices; ++device) start.push_back(at(device, 1));
  live.publish(start);
  std::vector<std::jthread> readers;
  readers.reserve(3);
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&live] {
      for (std::int64_t round = 0; round < rounds; ++round) {
        EXPECT_EQ(static_cast<std::size_t>(devices), live.in_box(everywhere()).positions.size());
        EXPECT_TRUE(live.find(DeviceNumber{round + 1}));
      }
    });
  }
  for (std::int64_t round = 0; round < rounds; ++round) {
    std::vector<DevicePosition> moved;
    for (std::int64_t device = 1; device <= devices; ++device) {
      moved.push_back(at(device, 2 + round, static_cast<double>((device * 7 + round) % 80)));
    }
    live.publish(moved);
  }
  readers.clear();  // joins
  EXPECT_EQ(device_time(rounds + 1), live.find(DeviceNumber{1})->fix.timestamp);
}

}  // namespace
}  // namespace packwalk
