#include "app/questions/live_positions.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
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

/// What in_box() answers, in the order of numbers; by a scan of all positions.
struct Model {
  std::vector<std::int64_t> devices;
  bool more = false;
};
Model scan(const std::vector<DevicePosition>& all, const BoxQuery& query, const Sight& sight) {
  Model model;
  for (const DevicePosition& position : all) {  // by number
    if (!sight.sees(position.device) || position.device <= query.after) continue;
    if (position.fix.timestamp < query.earliest || !query.box.contains(position.fix.position)) continue;
    model.devices.push_back(position.device.value);
  }
  model.more = model.devices.size() > query.limit;
  model.devices.resize(std::min(model.devices.size(), query.limit));
  return model;
}

/// Few devices are looked up one by one, many are chosen within the tree: both answer as the scan does.
TEST(LivePositions, InABoxAreThoseThatTheCallerSees) {
  constexpr std::int64_t devices = 3000;
  LivePositions live;
  std::vector<DevicePosition> all;
  for (std::int64_t device = 1; device <= devices; ++device) {
    const std::int64_t any = device * 7919 % 1'000'003;
    all.push_back({DeviceNumber{device},
                   Fix{.position = LatLon::from_degrees(static_cast<double>(any % 180) - 90,
                                                        static_cast<double>(any % 361) - 180)
                                       .value(),
                       .timestamp = device_time(any % 100)}});
  }
  live.publish(all);
  EXPECT_TRUE(rc::check([&] {
    const auto share = *rc::gen::element(1, 2, 50, 3000);  // one of so many is seen
    std::vector<DeviceNumber> seen;
    for (std::int64_t device = 1; device <= devices; device += share) seen.push_back(DeviceNumber{device});
    const Sight sight = *rc::gen::arbitrary<bool>() ? Sight::of(seen) : Sight::of_all();
    const auto [west, east, south, height] = *rc::gen::tuple(rc::gen::inRange(-180, 181), rc::gen::inRange(-180, 181),
                                                             rc::gen::inRange(-90, 91), rc::gen::inRange(0, 181));
    const BoxQuery query{.box = GeoBox::from_degrees(west, south, east, std::min(90, south + height)).value(),
                         .earliest = device_time(*rc::gen::inRange(0, 60)),
                         .after = DeviceNumber{*rc::gen::inRange(0, 3000)},
                         .limit = *rc::gen::element<std::size_t>(1, 10, 1000, 10'000)};
    const Model wanted = scan(all, query, sight);
    const BoxAnswer answer = live.in_box(query, sight);
    std::vector<std::int64_t> found;
    for (const DevicePosition& position : answer.positions) found.push_back(position.device.value);
    if (answer.more) RC_ASSERT(std::is_sorted(found.begin(), found.end()));
    std::sort(found.begin(), found.end());
    RC_ASSERT(found == wanted.devices);
    RC_ASSERT(answer.more == wanted.more);
  }));
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
        EXPECT_EQ(static_cast<std::size_t>(devices), live.in_box(everywhere(), Sight::of_all()).positions.size());
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
