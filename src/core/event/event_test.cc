#include "core/event/event.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace packwalk {
namespace {

constexpr DeviceNumber rex{7};
constexpr DeviceNumber bob{8};
constexpr DeviceTime noon = device_time(1'770'000'000);
constexpr ServerTime arrival = server_time(1'770'000'001'500'000);

/// One of each kind.
std::vector<Event> all_events() {
  const LatLon park = LatLon::from_degrees(48.7080123, -44.5).value();
  return {StatusChange{rex, noon, 1, 255, arrival},
          SearchFix{rex, noon, park, 4.25},
          WalkStarted{rex, bob, noon},
          WalkFound{rex, bob, noon, noon + std::chrono::minutes(20)},
          Met{rex, bob, noon},
          Silent{rex, arrival},
          Back{rex, arrival, arrival + std::chrono::hours(2)},
          FenceLeft{rex, 3, noon},
          FenceEntered{rex, 3, noon},
          BatteryLow{rex, noon, 19},
          GoalMet{rex, device_time(1'769'990'400)}};
}

TEST(Event, ComesBackFromItsJson) {
  const auto events = all_events();
  ASSERT_EQ(std::variant_size_v<Event>, events.size());
  for (const Event& event : events) {
    const auto read = event_from_json(kind_of(event), rex, to_json(event));
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(event, *read) << to_json(event);
    EXPECT_EQ(rex, device_of(*read));
  }
}

TEST(Event, KeepsAnUnknownAccuracy) {
  const Event event = SearchFix{rex, noon, {}, {}};
  EXPECT_EQ(event, event_from_json("search_fix", rex, to_json(event)).value());
}

TEST(Event, IsWrittenAsItsFacts) {
  EXPECT_EQ(R"({"timestamp":"2026-02-02T02:40:00Z","status_before":1,"status":255,)"
            R"("received_at":"2026-02-02T02:40:01.500000Z"})",
            to_json(all_events()[0]));
  EXPECT_EQ(R"({"timestamp":"2026-02-02T02:40:00Z","lat":48.7080123,"lon":-44.5000000,"accuracy_m":4.25})",
            to_json(all_events()[1]));
}

TEST(Event, IsReadAsAnOlderVersionWroteIt) {
  const auto read = event_from_json("status_changed", rex,
                                    R"({"timestamp":1770000000,"from":1,"to":255,"received_at":1770000001500000})");
  EXPECT_EQ(all_events()[0], read.value());
}

TEST(Event, HasAKeyOfItsKindAndItsCause) {
  const std::vector<std::string> expected = {
      "status_changed:1770000000:1:255", "search_fix:1770000000",   "walk_started:8:1770000000",
      "walk_found:8:1770000000",         "met:8:1770000000",        "silent:1770000001500000",
      "back:1770000001500000",           "fence_left:3:1770000000", "fence_entered:3:1770000000",
      "battery_low:1770000000",          "goal_met:1769990400"};
  std::vector<std::string> keys;
  for (const Event& event : all_events()) keys.push_back(key(event));
  EXPECT_EQ(expected, keys);
}

TEST(Event, HappenedByTheClockOfTheDevice) {
  EXPECT_EQ(noon, time_of(all_events()[0]));
  EXPECT_EQ(noon + std::chrono::minutes(20), time_of(all_events()[3]));
  EXPECT_EQ(device_time(1'770'000'001), time_of(all_events()[5]));
}

TEST(Event, NamesWhatIsWrongWithItsJson) {
  const auto wrong = [](std::string_view kind, std::string_view json) {
    const auto read = event_from_json(kind, rex, json);
    EXPECT_FALSE(read) << json;
    EXPECT_EQ(Errc::corrupt, read.error().code);
    return read.error().detail;
  };
  EXPECT_EQ("no event is of the kind barked", wrong("barked", "{}"));
  EXPECT_EQ("the facts of the event met are no JSON object", wrong("met", "{"));
  EXPECT_EQ("the facts of the event met are no JSON object", wrong("met", "[]"));
  EXPECT_EQ("the event met has no possible from", wrong("met", R"({"companion":8})"));
  EXPECT_EQ("the event met has no possible companion", wrong("met", R"({"companion":"8","from":1.5})"));
  EXPECT_EQ("the event status_changed has no possible status",
            wrong("status_changed", R"({"timestamp":1,"status_before":1,"status":256,"received_at":2})"));
  EXPECT_EQ("the event status_changed has no possible timestamp",
            wrong("status_changed", R"({"timestamp":"2106-02-07T06:28:16Z","status_before":1,"status":2})"));
  EXPECT_EQ("the event silent has no possible last_seen", wrong("silent", R"({"last_seen":"2026-02-02T02:40:00Z"})"));
  EXPECT_EQ("the event search_fix has no possible position",
            wrong("search_fix", R"({"timestamp":1,"lat":91,"lon":0,"accuracy":null})"));
}

}  // namespace
}  // namespace packwalk
