// What the collars of a town measure and send.
#include "town/town_stream.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "town/town_text.h"

namespace packwalk::town {
namespace {

TownOptions some_hours() {
  TownOptions options;
  options.dogs = 20;
  options.city = LatLon::from_degrees(-16.8, 180).value();
  options.seed = 3;
  options.walks_a_day = 8;
  options.start += std::chrono::hours(19);  // morning there; the recording goes over the edge of a day
  options.seconds = std::int64_t{20} * 3600;
  options.duplicate_share = 0.05;
  options.shuffle_seconds = 30;
  options.offline_share = 0.1;
  return checked(options).value();
}

struct Everything {
  std::vector<MadePacket> made;
  std::vector<Upload> uploads;
};

Everything everything(const TownOptions& options) {
  const Town town(options);
  TownStream stream(town);
  TownMinutes minutes;
  Everything all;
  while (stream.next(minutes)) {
    all.made.insert(all.made.end(), minutes.made.begin(), minutes.made.end());
    all.uploads.insert(all.uploads.end(), minutes.uploads.begin(), minutes.uploads.end());
  }
  return all;
}

std::string files(const TownOptions& options) {
  const Town town(options);
  TownStream stream(town);
  TownMinutes minutes;
  std::string text = truth_csv(town, truth(town));
  while (stream.next(minutes)) {
    for (const MadePacket& one : minutes.made) {
      std::visit([&](const auto& packet) { append_csv(text, town.device_id(one.dog), packet); }, one.packet);
    }
    for (const Upload& one : minutes.uploads) append_ndjson(text, town.device_id(one.dog), one);
  }
  return text;
}

using Key = std::tuple<DogIndex, bool, DeviceTime>;
Key key_of(DogIndex dog, const Packet& packet) {
  return {dog, std::holds_alternative<TrackPacket>(packet), timestamp_of(packet)};
}

TEST(TownStream, IsTheSameForASeedAndAnotherForAnother) {
  TownOptions options = some_hours();
  options.seconds = std::int64_t{4} * 3600;
  const std::string once = files(options);
  EXPECT_GT(once.size(), 1'000'000u);
  EXPECT_EQ(once, files(options));
  options.seed = 4;
  EXPECT_NE(once, files(options));
}

TEST(TownStream, DeliversEveryPacketAndSomeTwice) {
  const Everything all = everything(some_hours());
  std::map<Key, Packet> made;
  for (const MadePacket& one : all.made) EXPECT_TRUE(made.emplace(key_of(one.dog, one.packet), one.packet).second);
  std::map<Key, int> sent;
  double count = 0;
  for (std::size_t i = 0; i < all.uploads.size(); ++i) {
    const Upload& upload = all.uploads[i];
    EXPECT_LE(all.uploads[i == 0 ? 0 : i - 1].send_time, upload.send_time);
    for (const Packet& packet : upload.packets) {
      const Key key = key_of(upload.dog, packet);
      ASSERT_EQ(made.at(key), packet);
      EXPECT_LT(timestamp_of(packet), upload.send_time);
      ++sent[key];
      ++count;
    }
  }
  EXPECT_EQ(made.size(), sent.size());
  EXPECT_NEAR(count / static_cast<double>(made.size()), 1.05, 0.006);
}

TEST(TownStream, SendsInOrderWithoutShuffle) {
  TownOptions options = some_hours();
  options.shuffle_seconds = 0;
  options.duplicate_share = 0;
  options.offline_share = 0;
  std::map<DogIndex, DeviceTime> last;
  for (const Upload& upload : everything(options).uploads) {
    for (const Packet& packet : upload.packets) {
      EXPECT_GE(timestamp_of(packet), last[upload.dog]);
      EXPECT_LT(upload.send_time - timestamp_of(packet), std::chrono::seconds(2));
      last[upload.dog] = timestamp_of(packet);
    }
  }
}

TEST(TownStream, HoldsBackOutingsThatWereOffLine) {
  TownOptions options = some_hours();
  options.shuffle_seconds = 0;
  std::size_t late = 0;
  std::size_t all = 0;
  for (const Upload& upload : everything(options).uploads) {
    for (const Packet& packet : upload.packets) {
      if (!std::holds_alternative<TrackPacket>(packet)) continue;
      late += upload.send_time - timestamp_of(packet) > std::chrono::minutes(30) ? 1 : 0;
      ++all;
    }
    EXPECT_LE(upload.packets.size(), 100u);
  }
  EXPECT_NEAR(static_cast<double>(late) / static_cast<double>(all), 0.1, 0.07);
}

TEST(TownStream, MakesValidPackets) {
  const TimeWindow believed{device_time(1'420'070'400), device_time(2'000'000'000)};
  std::size_t east = 0;
  std::size_t west = 0;
  for (const MadePacket& one : everything(some_hours()).made) {
    if (const auto* track = std::get_if<TrackPacket>(&one.packet)) {
      const RawTrack raw{static_cast<double>(track->status),
                         static_cast<double>(seconds_since_1970(track->timestamp)),
                         track->position.latitude(),
                         track->position.longitude(),
                         track->altitude,
                         track->accuracy};
      EXPECT_EQ(Content(*track), checked(raw, believed));
      EXPECT_NE(status_at_home, track->status);
      EXPECT_GE(track->accuracy.value_or(0), 3);
      EXPECT_LE(track->accuracy.value_or(0), 5);
      ++(track->position.longitude() > 0 ? east : west);
    } else {
      const auto& sample = std::get<ActivityPacket>(one.packet);
      const RawActivity raw{static_cast<double>(sample.status),
                            static_cast<double>(seconds_since_1970(sample.timestamp)), sample.activity,
                            static_cast<double>(sample.steps)};
      EXPECT_EQ(Content(sample), checked(raw, believed));
      EXPECT_LT(sample.steps, 400);
    }
  }
  EXPECT_GT(east, 1000u);
  EXPECT_GT(west, 1000u);
}

TEST(TownStream, SamplesAsOftenAsAsked) {
  TownOptions options = some_hours();
  options.sampling_seconds_min = 4;
  options.sampling_seconds_max = 9;
  std::map<DogIndex, std::map<std::int64_t, std::size_t>> gaps;
  std::map<DogIndex, DeviceTime> last;
  for (const MadePacket& one : everything(options).made) {
    if (!std::holds_alternative<TrackPacket>(one.packet)) continue;
    const DeviceTime now = timestamp_of(one.packet);
    if (last.contains(one.dog)) ++gaps[one.dog][(now - last[one.dog]).count()];
    last[one.dog] = now;
  }
  EXPECT_EQ(20u, gaps.size());
  std::size_t twice = 0;
  std::size_t all = 0;
  for (const auto& [dog, counts] : gaps) {
    const auto interval = counts.begin()->first;
    EXPECT_GE(interval, 4);
    EXPECT_LE(interval, 9);
    for (const auto& [gap, count] : counts) {
      EXPECT_TRUE(gap >= 300 || gap % interval == 0) << gap;
      twice += gap == 2 * interval ? count : 0;
      all += count;
    }
  }
  EXPECT_NEAR(static_cast<double>(twice) / static_cast<double>(all), 0.02, 0.004);
}

TEST(TownStream, GoesOnMeasuringOnAShelf) {
  TownOptions options = some_hours();
  options.shelf = true;
  options.dogs = 2;
  options.sampling_seconds_min = options.sampling_seconds_max = 5;
  const Town town(options);
  std::map<DogIndex, std::vector<DeviceTime>> fixes;
  std::size_t far = 0;
  for (const MadePacket& one : everything(options).made) {
    const auto* track = std::get_if<TrackPacket>(&one.packet);
    if (track == nullptr) continue;
    fixes[one.dog].push_back(track->timestamp);
    const DayPlan plan = plan_day(town, town.day_of(track->timestamp));
    const LatLon place = town.lat_lon(town.place(plan, one.dog, track->timestamp));
    const double metres_north = (track->position.latitude() - place.latitude()) * 111'000;
    far += std::abs(metres_north) > options.noise ? 1 : 0;
  }
  for (const auto& [dog, times] : fixes) {
    EXPECT_NEAR(0.98 * static_cast<double>(options.seconds) / 5, static_cast<double>(times.size()), 80);
    for (std::size_t i = 1; i < times.size(); ++i) EXPECT_LT(times[i] - times[i - 1], std::chrono::seconds(60));
  }
  EXPECT_EQ(2u, fixes.size());
  EXPECT_NEAR(0.131, static_cast<double>(far) / static_cast<double>(fixes[0].size() + fixes[1].size()), 0.03);
}

TEST(TownStream, ReportsSetOutAndReturnAtOnce) {
  const TownOptions options = some_hours();
  const Town town(options);
  std::map<std::pair<DogIndex, DeviceTime>, ActivityPacket> samples;
  for (const MadePacket& one : everything(options).made) {
    const auto* sample = std::get_if<ActivityPacket>(&one.packet);
    if (sample != nullptr) samples[{one.dog, sample->timestamp}] = *sample;
  }
  const DayPlan plan = plan_day(town, town.day_of(options.start));
  for (DogIndex dog = 0; dog < town.dogs(); ++dog) {
    for (const Outing& outing : plan.outings[dog]) {
      if (outing.from < options.start || outing.to >= town.end()) continue;
      EXPECT_EQ(status_walking, samples.at({dog, outing.from}).status);
      EXPECT_EQ(status_at_home, samples.at({dog, outing.to}).status);
    }
  }
}

TEST(Receiver, ErrsAsMuchAsItSays) {
  Receiver receiver(Random(5, Purpose::receiver), 4);
  constexpr int draws = 200'000;
  double inside_noise = 0;
  double inside_stated = 0;
  std::vector<double> east;
  for (int i = 0; i < draws; ++i) {
    const Receiver::Error error = receiver.next(100);
    inside_noise += length(error.offset) <= 4 ? 1 : 0;
    inside_stated += length(error.offset) <= error.radius ? 1 : 0;
    east.push_back(error.offset.east);
  }
  EXPECT_NEAR(0.68, inside_noise / draws, 0.01);
  EXPECT_NEAR(0.68, inside_stated / draws, 0.01);
  double variance = 0;
  double lagged = 0;
  for (std::size_t i = 1; i < east.size(); ++i) {
    variance += east[i] * east[i];
    lagged += east[i] * east[i - 1];
  }
  EXPECT_NEAR(0.5 * std::exp(-1), lagged / variance, 0.01);  // half drifts, with 1/e left after 100 s
}

TEST(Random, IsTheSameEverywhere) {
  Random random(1, Purpose::plan, {2, 3});
  const std::uint64_t bits = random.bits();
  EXPECT_EQ(bits, Random(1, Purpose::plan, {2, 3}).bits());
  EXPECT_NE(bits, Random(1, Purpose::plan, {3, 2}).bits());
  EXPECT_NE(bits, Random(2, Purpose::plan, {2, 3}).bits());
  EXPECT_NE(bits, Random(1, Purpose::home, {2, 3}).bits());
  EXPECT_EQ(14532222574416012409u, bits);  // also from a separate implementation
}

TEST(Random, DrawsItsDistributions) {
  Random random(9, Purpose::plan);
  constexpr int draws = 200'000;
  double normal = 0, squares = 0, uniform = 0, exponential = 0;
  std::array<int, 3> whole{};
  for (int i = 0; i < draws; ++i) {
    const double drawn = random.normal();
    normal += drawn / draws;
    squares += drawn * drawn / draws;
    uniform += random.uniform(2, 4) / draws;
    exponential += random.exponential(5) / draws;
    ++whole.at(static_cast<std::size_t>(random.whole(-1, 1) + 1));
  }
  EXPECT_NEAR(0, normal, 0.01);
  EXPECT_NEAR(1, squares, 0.02);
  EXPECT_NEAR(3, uniform, 0.01);
  EXPECT_NEAR(5, exponential, 0.06);
  for (const int count : whole) EXPECT_NEAR(draws / 3.0, count, 800);
}

}  // namespace
}  // namespace packwalk::town
