#include "tests/simulation/dog_day.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numbers>
#include <stdexcept>

#include "app/analysis/analyse_device.h"
#include "app/ingest/ingest_batch.h"

namespace packwalk {
namespace {

constexpr std::array dogs = {Dog::bella, Dog::milo, Dog::rex};
constexpr int fix_step = 10;
constexpr int shelf_step = 30;
constexpr int sample_step = 60;
constexpr int steps_a_sample = 100;
constexpr double accuracy_m = 4;

DeviceNumber number_of(Dog dog) { return DeviceNumber{static_cast<std::int64_t>(dog) + 1}; }

std::string name_of(Dog dog) {
  switch (dog) {
    case Dog::rex:
      return "rex";
    case Dog::milo:
      return "milo";
    case Dog::bella:
      return "bella";
  }
  throw std::logic_error("no dog");
}

std::string name_of(DeviceNumber number) { return name_of(static_cast<Dog>(number.value - 1)); }

template <class... Values>
std::string text(const char* format, Values... values) {
  std::array<char, 200> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, values...);
  return buffer.data();
}

Packets packets(const Packets::Each& like, const std::string& from, const std::string& to, int step) {
  Packets packets;
  const int end = clock(to);
  for (int at = clock(from); true; at = std::min(at + step, end)) {
    packets.all.push_back(like);
    packets.all.back().at = at;
    if (at >= end) return packets;
  }
}

/// So far from a place on a sphere, which may be over a pole.
LatLon moved(const Scene& scene, double east_m, double north_m) {
  constexpr double radius_m = 6'371'000;
  constexpr double degree = std::numbers::pi / 180;
  const double angle = std::hypot(east_m, north_m) / radius_m;
  const double bearing = std::atan2(east_m, north_m);
  const double latitude = scene.latitude * degree;
  const double sine = std::sin(latitude) * std::cos(angle) + std::cos(latitude) * std::sin(angle) * std::cos(bearing);
  const double turned =
      std::atan2(std::sin(bearing) * std::sin(angle) * std::cos(latitude), std::cos(angle) - std::sin(latitude) * sine);
  return LatLon::from_degrees(std::asin(std::clamp(sine, -1.0, 1.0)) / degree,
                              std::remainder(scene.longitude + turned / degree, 360))
      .value();
}

/// By the name of the second dog, and then in the order of time.
template <class Thing>
std::vector<OfPair<Thing>> by_name(std::vector<OfPair<Thing>> pairs) {
  std::stable_sort(pairs.begin(), pairs.end(),
                   [](const auto& x, const auto& y) { return name_of(x.b) < name_of(y.b); });
  return pairs;
}

}  // namespace

int clock(const std::string& text) {
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  if (std::sscanf(text.c_str(), "%d:%d:%d", &hours, &minutes, &seconds) < 2) throw std::logic_error(text);
  return (hours * 60 + minutes) * 60 + seconds;
}

Packets walk(Dog dog, const std::string& from, const std::string& to, int aside_m) {
  return packets({.dog = dog, .aside_m = aside_m}, from, to, fix_step);
}

Packets fix(Dog dog, const std::string& at, int aside_m) { return walk(dog, at, at, aside_m); }

Packets lie(Dog dog, const std::string& from, const std::string& to) {
  return packets({.dog = dog, .walks = false}, from, to, shelf_step);
}

Packets samples(Dog dog, const std::string& from, const std::string& to) {
  return packets({.dog = dog, .activity = Activity::walk, .steps = steps_a_sample}, from, to, sample_step);
}

Packets sample(Dog dog, const std::string& at, Activity activity, int steps) {
  return packets({.dog = dog, .activity = activity, .steps = steps}, at, at, sample_step);
}

Packets backwards(Packets packets) {
  std::reverse(packets.all.begin(), packets.all.end());
  return packets;
}

DogDay::DogDay(const StoreAdapter& adapter, const Scene& scene)
    : scene_(scene),
      installation_(adapter.install()),
      ingest_(installation_->ingest_store()),
      store_(installation_->analysis_store()) {
  std::vector<NewDevice> devices;
  for (auto dog = dogs.rbegin(); dog != dogs.rend(); ++dog) {
    devices.push_back(
        {DeviceId::from_text(name_of(*dog)).value(), TokenHash{static_cast<std::uint8_t>(number_of(*dog).value)}});
  }
  if (!installation_->device_registry()->add(devices, server_time(1))) throw std::runtime_error("no dogs");
  if (!store_->put_rules({text_of(AnalysisRules()), std::nullopt})) throw std::runtime_error("no rules");
}

Content DogDay::content_of(const Packets::Each& packet) const {
  const DeviceTime timestamp = device_time(scene_.midnight + packet.at);
  if (packet.steps >= 0) {
    return ActivityPacket{.timestamp = timestamp, .activity = packet.activity, .steps = packet.steps};
  }
  TrackPacket track{.timestamp = timestamp, .accuracy = accuracy_m};
  if (packet.walks) {
    const double along = packet.at - clock("9:00");
    const double bearing = scene_.bearing * std::numbers::pi / 180;
    track.position = moved(scene_, along * std::sin(bearing) + packet.aside_m * std::cos(bearing),
                           along * std::cos(bearing) - packet.aside_m * std::sin(bearing));
  } else {  // ten metres to and fro, each dog at its own pace
    const double pace = 500 + 200 * static_cast<double>(packet.dog);
    track.position = moved(scene_, 10 * std::sin(packet.at / pace), 10 * std::cos(packet.at / pace));
  }
  return track;
}

void DogDay::arrives(const Packets& packets) {
  std::vector<Content> contents;
  for (const Packets::Each& packet : packets.all) contents.push_back(content_of(packet));
  std::vector<Message> messages;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    messages.push_back({.device = number_of(packets.all[i].dog),
                        .received_at = server_time(scene_.midnight * 1'000'000 + ++arrived_),
                        .transport = Transport::http_binary,
                        .original = "x",
                        .content = &contents[i],
                        .hash = hash_of(contents[i], "x")});
  }
  NobodyListens nobody;
  const auto report = ingest_messages(std::move(messages), {}, *ingest_, nobody);
  if (!report) throw std::runtime_error(report.error().detail);
  constexpr DeviceTime far = device_time(std::numeric_limits<std::int32_t>::max());
  while (const auto device = store_->next_device_stale_before(far, 0).value()) {
    if (!analyse_device({*device}, *store_, {}).value()) throw std::runtime_error("locked");
  }
}

std::string DogDay::period(std::int64_t from, std::int64_t to) const {
  const auto text_of = [&](std::int64_t second) {
    const auto at = static_cast<int>(second - scene_.midnight);
    return text("%d:%02d:%02d", at / 3600, at / 60 % 60, at % 60);
  };
  return text_of(from) + " to " + text_of(to);
}

std::vector<std::string> DogDay::tracks(Dog dog) const {
  std::vector<std::string> all;
  const auto tracks = store_->snapshot().value()->tracks(number_of(dog), always).value();
  for (const Track& track : tracks) {
    all.push_back(period(seconds_since_1970(track.from), seconds_since_1970(track.to)) +
                  text(", %d fixes, %.1f km", static_cast<int>(track.fixes), track.length_m / 1000));
  }
  return all;
}

std::vector<ActivitySum> DogDay::activity_sums(Dog dog) const {
  return store_->snapshot().value()->activity(number_of(dog), always).value();
}

std::vector<std::string> DogDay::activity(Dog dog) const {
  std::vector<std::string> all;
  for (const ActivitySum& sum : activity_sums(dog)) {
    const auto at = static_cast<int>(seconds_since_1970(sum.key.bucket) - scene_.midnight);
    all.push_back(text("%d:%02d ", at / 3600, at / 60 % 60) + std::string(name_of(sum.key.activity)) +
                  (sum.key.in_track ? " in track: " : " off track: ") +
                  text("%d s, %d steps", static_cast<int>(sum.seconds), static_cast<int>(sum.steps)));
  }
  return all;
}

std::vector<std::string> DogDay::contacts() const {
  std::vector<std::string> all;
  for (const Dog dog : dogs) {
    const auto contacts = by_name(store_->snapshot().value()->contacts(number_of(dog), always).value());
    for (const auto& [a, b, contact] : contacts) {
      if (a != number_of(dog)) continue;
      all.push_back(name_of(a) + ", " + name_of(b) + ": " + period(contact.from, contact.to) +
                    text(", %d s near", static_cast<int>(contact.near_seconds)));
    }
  }
  return all;
}

std::vector<std::string> DogDay::joint_walks() const {
  std::vector<std::string> all;
  for (const Dog dog : dogs) {
    const auto walks = by_name(store_->snapshot().value()->joint_walks(number_of(dog), always).value());
    for (const auto& [a, b, walk] : walks) {
      if (a != number_of(dog)) continue;
      all.push_back(name_of(a) + ", " + name_of(b) + ": " + period(walk.from, walk.to) +
                    text(", %d s in %d contact%s, %d s near", static_cast<int>(walk.seconds_together),
                         static_cast<int>(walk.contacts), walk.contacts == 1 ? "" : "s",
                         static_cast<int>(walk.near_seconds)));
    }
  }
  return all;
}

}  // namespace packwalk
