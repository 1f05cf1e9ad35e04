#include "tests/simulation/walkers.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <numbers>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "app/ingest/ingest_batch.h"
#include "core/track/track_cut.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

/// Metres east and north of the place.
struct Offset {
  double east = 0;
  double north = 0;
};

/// Standing still, a street to the east at 1 m/s, one to the north at 2, back and forth, by car past who stands, and
/// standing where the receiver is wrong by 5 km every seventh second, and by 400 m every fourth, or by 5 km every other
/// one.
Offset on_route(int route, int at) {
  const double t = at % 3600;
  switch (route) {
    case 0:
      return {0, 0};
    case 1:
      return {t, 0};
    case 2:
      return {0, 2 * t};
    case 3:
      return {std::abs(std::fmod(t, 120) - 60), 5};
    case 4:
      return {40 * (std::fmod(t, 60) - 30), 0};
    case 5:
      return {at % 7 == 0 ? 5000.0 : at % 4 == 0 ? 400.0 : 0.0, 0};
    default:
      return {at % 2 == 0 ? 5000.0 : 0.0, 0};
  }
}

LatLon shifted(const LatLon& place, Offset offset) {
  constexpr double degree_m = 111'320;
  const double latitude = std::clamp(place.latitude() + offset.north / degree_m, -90.0, 90.0);
  const double around = std::max(std::cos(place.latitude() * std::numbers::pi / 180), 1e-6);
  double longitude = std::fmod(place.longitude() + offset.east / degree_m / around, 360);
  if (longitude > 180) longitude -= 360;
  if (longitude < -180) longitude += 360;
  return LatLon::from_degrees(latitude, longitude).value();
}

std::string text_of(Seconds seconds) { return std::to_string(seconds.from) + ".." + std::to_string(seconds.to); }

template <class T>
const std::vector<T>& of(const std::map<DeviceNumber, std::vector<T>>& all, DeviceNumber device) {
  static const std::vector<T> none;
  const auto found = all.find(device);
  return found == all.end() ? none : found->second;
}

std::vector<DeviceTime> sleeps_of(const std::vector<Sample>& samples) {
  std::vector<DeviceTime> sleeps;
  for (const Sample& sample : samples) {
    if (sample.activity == Activity::sleep) sleeps.push_back(sample.timestamp);
  }
  return sleeps;
}

/// As docs/analysis.md says it, fix by fix.
std::vector<PathFix> without_outliers(const std::vector<PathFix>& fixes, const AnalysisRules& rules) {
  const auto is_faster = [&](const PathFix& a, const PathFix& b) {
    const double sure_m = chord(a.position, b.position) - accuracy_of(a, rules.tracks) - accuracy_of(b, rules.tracks);
    return sure_m > rules.tracks.speed_max_mps * static_cast<double>((b.timestamp - a.timestamp).count());
  };
  std::vector<PathFix> others;
  for (std::size_t i = 0; i < fixes.size(); ++i) {
    const bool has_neighbours = i > 0 && i + 1 < fixes.size() &&
                                fixes[i].timestamp - fixes[i - 1].timestamp <= rules.walks.bridge &&
                                fixes[i + 1].timestamp - fixes[i].timestamp <= rules.walks.bridge;
    const bool is_outlier = rules.tracks.speed_max_mps > 0 && has_neighbours && is_faster(fixes[i - 1], fixes[i]) &&
                            is_faster(fixes[i], fixes[i + 1]) && !is_faster(fixes[i - 1], fixes[i + 1]);
    if (!is_outlier) others.push_back(fixes[i]);
  }
  return others;
}

template <class T>
void sort_by_pair(std::vector<OfPair<T>>& all) {
  std::sort(all.begin(), all.end(), [](const OfPair<T>& x, const OfPair<T>& y) {
    return std::tuple(x.a, x.b, x.of.from) < std::tuple(y.a, y.b, y.of.from);
  });
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Stretch& s) {
  return out << "walker " << s.walker << " from " << s.begin << ", " << s.fixes << " fixes every " << s.step
             << " s on route " << s.route << ", " << s.aside_m << " m aside, accuracy " << s.accuracy_m << ", "
             << name_of(s.activity);
}

std::ostream& operator<<(std::ostream& out, const DerivedRows& rows) {
  for (const auto& [device, tracks] : rows.tracks) {
    for (const Track& track : tracks) {
      out << "track of " << device.value << ": "
          << text_of({seconds_since_1970(track.from), seconds_since_1970(track.to)}) << ", " << track.fixes
          << " fixes, " << track.length_m << " m\n";
    }
  }
  for (const auto& [device, sums] : rows.activity) {
    for (const ActivitySum& sum : sums) {
      out << "activity of " << device.value << ": " << seconds_since_1970(sum.key.bucket) << " "
          << name_of(sum.key.activity) << (sum.key.in_track ? " in track " : " off track ") << sum.seconds << " s, "
          << sum.steps << " steps\n";
    }
  }
  for (const auto& [a, b, contact] : rows.contacts) {
    out << "contact of " << a.value << " and " << b.value << ": " << text_of({contact.from, contact.to}) << ", "
        << contact.near_seconds << " near\n";
  }
  for (const auto& [a, b, walk] : rows.walks) {
    out << "joint walk of " << a.value << " and " << b.value << ": " << text_of({walk.from, walk.to}) << ", "
        << walk.seconds_together << " together, " << walk.near_seconds << " near, " << walk.contacts << " contacts, "
        << walk.min_distance_m << " least, " << walk.length_a_m << " and " << walk.length_b_m << " m\n";
  }
  return out;
}

std::vector<WalkerPacket> packets_of(const std::vector<Stretch>& stretches, const LatLon& place) {
  std::vector<WalkerPacket> packets;
  for (const Stretch& stretch : stretches) {
    const auto add_sample = [&](int at) {
      packets.push_back({stretch.walker, ActivityPacket{.timestamp = device_time(at),
                                                        .activity = stretch.activity,
                                                        .steps = at % 7 + stretch.aside_m}});
    };
    if (stretch.fixes == 0) add_sample(stretch.begin);
    for (int i = 0; i < stretch.fixes; ++i) {
      const int at = stretch.begin + i * stretch.step;
      Offset offset = on_route(stretch.route, at);
      offset.north += stretch.aside_m;
      packets.push_back(
          {stretch.walker,
           TrackPacket{.timestamp = device_time(at),
                       .position = shifted(place, offset),
                       .altitude = {},
                       .accuracy = stretch.accuracy_m > 0 ? MaybeMeters(stretch.accuracy_m) : MaybeMeters()}});
      if (i % 5 == 4 && stretch.activity != Activity::sleep) add_sample(at);
    }
  }
  return packets;
}

void register_walkers(int count, DeviceRegistry& registry) {
  std::vector<NewDevice> devices;
  for (int walker = 0; walker < count; ++walker) {
    devices.push_back(
        {DeviceId::from_text(id_of_walker(walker)).value(), TokenHash{static_cast<std::uint8_t>(walker)}});
  }
  if (const auto added = registry.add(devices, server_time(1)); !added) throw std::runtime_error(added.error().detail);
}

Result<void> ingest_packets(std::span<const WalkerPacket> packets, std::size_t first, IngestStore& store) {
  std::vector<Message> messages;
  for (const WalkerPacket& packet : packets) {
    messages.push_back({.device = number_of_walker(packet.walker),
                        .received_at = server_time(static_cast<std::int64_t>(1'000'000'000'000 + first++)),
                        .transport = Transport::http_binary,
                        .original = "x",
                        .content = &packet.content,
                        .hash = hash_of(packet.content, "x")});
  }
  NobodyListens nobody;
  const auto ingested = ingest_messages(std::move(messages), {}, store, nobody);
  if (!ingested) return ingested.failure();
  return {};
}

AnalysisRules short_rules() {
  using std::chrono::seconds;
  AnalysisRules rules;
  rules.tracks.gap = seconds(100);
  rules.activity.sample_cap = seconds(120);
  rules.walks.bridge = seconds(30);
  rules.walks.contact_hole = seconds(20);
  rules.walks.walk_pause = seconds(90);
  rules.walks.walk_min = seconds(40);
  rules.walks.walk_reach_m = 8;
  return rules;
}

DerivedRows derived_at_once(const std::map<DeviceNumber, std::vector<PathFix>>& fixes,
                            const std::map<DeviceNumber, std::vector<Sample>>& samples, const AnalysisRules& rules) {
  DerivedRows rows;
  std::vector<std::vector<PathPoint>> paths;
  const int count = static_cast<int>(fixes.size());
  for (int walker = 0; walker < count; ++walker) {
    const DeviceNumber device = number_of_walker(walker);
    const std::vector<DeviceTime> sleeps = sleeps_of(of(samples, device));
    const std::vector<PathFix> path_fixes = without_outliers(of(fixes, device), rules);
    rows.tracks[device] = tracks_of(path_fixes, sleeps, rules.tracks);
    rows.activity[device] = activity_of(std::nullopt, of(samples, device), rows.tracks[device], rules.activity);
    paths.push_back(path_of(path_fixes, sleeps, rules.tracks, rules.walks));
  }
  for (int first = 0; first < count; ++first) {
    for (int second = 0; second < count; ++second) {
      if (id_of_walker(first) >= id_of_walker(second)) continue;
      const auto& a = paths[static_cast<std::size_t>(first)];
      const auto& b = paths[static_cast<std::size_t>(second)];
      std::vector<Seconds> runs;
      near_runs(a, b, always, rules.walks, runs);
      const auto contacts = contacts_of(runs, rules.walks);
      for (const Contact& contact : contacts) {
        rows.contacts.push_back({number_of_walker(first), number_of_walker(second), contact});
      }
      for (const JointWalk& walk : joint_walks_of({a, b, runs}, contacts, rules.tracks, rules.walks)) {
        rows.walks.push_back({number_of_walker(first), number_of_walker(second), walk});
      }
    }
  }
  sort_by_pair(rows.contacts);
  sort_by_pair(rows.walks);
  return rows;
}

std::size_t count_outliers(const std::map<DeviceNumber, std::vector<PathFix>>& fixes, const AnalysisRules& rules) {
  std::size_t count = 0;
  for (const auto& [device, all] : fixes) count += all.size() - without_outliers(all, rules).size();
  return count;
}

DerivedRows derived_in(AnalysisStore& store, int count) {
  const auto snapshot = store.snapshot().value();
  DerivedRows rows;
  for (int walker = 0; walker < count; ++walker) {
    const DeviceNumber device = number_of_walker(walker);
    rows.tracks[device] = snapshot->tracks(device, always).value();
    rows.activity[device] = snapshot->activity(device, always).value();
    const auto contacts = snapshot->contacts(device, always).value();
    const auto walks = snapshot->joint_walks(device, always).value();
    const auto is_first = [&](const auto& pair) { return pair.a == device; };
    std::copy_if(contacts.begin(), contacts.end(), std::back_inserter(rows.contacts), is_first);
    std::copy_if(walks.begin(), walks.end(), std::back_inserter(rows.walks), is_first);
  }
  sort_by_pair(rows.contacts);
  sort_by_pair(rows.walks);
  return rows;
}

std::vector<TrackState> wrong_states_in(AnalysisStore& store, int count, const AnalysisRules& rules) {
  const auto fixes = fixes_in(store, count);
  const auto samples = samples_in(store, count);
  const auto snapshot = store.snapshot().value();
  std::vector<TrackState> wrong;
  for (int walker = 0; walker < count; ++walker) {
    const DeviceNumber device = number_of_walker(walker);
    const std::vector<PathFix> path_fixes = without_outliers(of(fixes, device), rules);
    const std::vector<bool> joined = joined_to_next(path_fixes, sleeps_of(of(samples, device)), rules.tracks);
    std::vector<TrackState> states = snapshot->track_states(device, always, AnalysisSnapshot::no_limit).value();
    std::optional<TrackFold> open;
    for (std::size_t i = 0; i < path_fixes.size(); ++i) {
      if (i == 0 || !joined[i - 1]) open.emplace(rules.tracks);
      open->add(path_fixes[i]);
      std::erase(states, open->state());
    }
    wrong.insert(wrong.end(), states.begin(), states.end());
  }
  return wrong;
}

std::map<DeviceNumber, std::vector<PathFix>> fixes_in(AnalysisStore& store, int count) {
  const auto snapshot = store.snapshot().value();
  std::map<DeviceNumber, std::vector<PathFix>> fixes;
  for (int walker = 0; walker < count; ++walker) {
    fixes[number_of_walker(walker)] = snapshot->fixes(number_of_walker(walker), always).value();
  }
  return fixes;
}

std::map<DeviceNumber, std::vector<Sample>> samples_in(AnalysisStore& store, int count) {
  const auto snapshot = store.snapshot().value();
  std::map<DeviceNumber, std::vector<Sample>> samples;
  for (int walker = 0; walker < count; ++walker) {
    samples[number_of_walker(walker)] = snapshot->samples(number_of_walker(walker), always).value();
  }
  return samples;
}

}  // namespace packwalk
