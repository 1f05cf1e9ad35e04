// For any order of packets, any number of analysing processes and any crash, derived rows are those of one full pass.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "app/analysis/analyse_device.h"
#include "app/devices/erase_device.h"
#include "tests/simulation/troubled_store.h"
#include "tests/simulation/walkers.h"
#include "tests/support/stores.h"

namespace packwalk {

/// Where rapidcheck finds it.
std::ostream& operator<<(std::ostream& out, const AnalysisSizes& sizes) {
  return out << sizes.windows_max << " windows, pages of " << sizes.page << ", " << sizes.fixes_max
             << " fixes a turn, a state in " << sizes.state_interval << ", long chains from " << sizes.chain_seconds
             << " s";
}

namespace {

/// What happens next, or in the midst of an analysis.
struct Event {
  enum class Kind { nothing, ingest, analyse, die, erase, change_rules } kind{};
  int packets = 0;  // to ingest
  int worker = 0;   // that analyses
  int walker = 0;   // that is analysed, or erased, a few rows each time
  WindowOrder order{};
};
std::ostream& operator<<(std::ostream& out, const Event& event) {
  switch (event.kind) {
    case Event::Kind::nothing:
      return out << "nothing";
    case Event::Kind::ingest:
      return out << "ingest " << event.packets;
    case Event::Kind::analyse:
      return out << "worker " << event.worker << " analyses walker " << event.walker
                 << (event.order == WindowOrder::newest_first ? ", newest first" : ", oldest first");
    case Event::Kind::die:
      return out << "die";
    case Event::Kind::erase:
      return out << "erase some of walker " << event.walker;
    case Event::Kind::change_rules:
      return out << "change the rules";
  }
  return out;
}

constexpr int worker_count = 2;
constexpr int walker_count = 4;

/// By which the same packets make other rows.
AnalysisRules narrower(AnalysisRules rules) {
  rules.walks.near_m /= 2;
  rules.tracks.gap /= 2;
  rules.tracks.speed_max_mps = 0;
  return rules;
}

/// Plays packets and events to the end.
class Play {
 public:
  Play(std::unique_ptr<Installation> installation, std::vector<WalkerPacket> packets, std::vector<Event> events,
       const AnalysisSizes& sizes = {}, const AnalysisRules& rules = short_rules())
      : sizes_(sizes),
        first_rules_(rules),
        other_rules_(narrower(rules)),
        installation_(std::move(installation)),
        ingest_(installation_->ingest_store()),
        eraser_(installation_->device_eraser()),
        packets_(std::move(packets)),
        events_(std::move(events)) {
    register_walkers(walker_count, *installation_->device_registry());
    for (int worker = 0; worker < worker_count; ++worker) {
      workers_.push_back(std::make_unique<TroubledStore>(installation_->analysis_store(), DeviceLocks::ignored,
                                                         [this] { return trouble(); }));
    }
    EXPECT_TRUE(store().put_rules({text_of(*rules_), std::nullopt}));
  }

  void run() {
    while (next_event_ < events_.size()) static_cast<void>(happen(events_[next_event_++]));
    ingest(packets_.size());
    for (const DeviceNumber device : erasing_) {
      const auto left = erase_device(device, server_time(3), {*eraser_}, [](std::int64_t) {});
      RC_ASSERT(left.has_value());
    }
    analyse_all();
    for (const DeviceNumber device : erasing_) RC_ASSERT(sum_of(eraser_->count(device).value()) == 0);
  }

  AnalysisStore& store() { return workers_.front()->quiet(); }
  const AnalysisRules& rules() const { return *rules_; }
  bool has_erased() const { return !erasing_.empty(); }

 private:
  void ingest(std::size_t count) {
    const std::size_t end = std::min(packets_.size(), next_packet_ + count);
    if (next_packet_ == end) return;
    const auto some = std::span(packets_).subspan(next_packet_, end - next_packet_);
    RC_ASSERT(ingest_packets(some, next_packet_, *ingest_).has_value());
    next_packet_ = end;
  }

  Result<void> happen(const Event& event) {
    switch (event.kind) {
      case Event::Kind::nothing:
        break;
      case Event::Kind::ingest:
        ingest(static_cast<std::size_t>(event.packets));
        break;
      case Event::Kind::analyse:
        analyse(event);
        break;
      case Event::Kind::die:
        return fail(Errc::unavailable, "died");
      case Event::Kind::erase:
        erase_some(number_of_walker(event.walker));
        break;
      case Event::Kind::change_rules:
        change_rules();
        break;
    }
    return {};
  }

  void erase_some(DeviceNumber device) {
    if (erasing_.insert(device).second) {
      RC_ASSERT(eraser_->begin(device, server_time(2)).has_value());
    } else {
      RC_ASSERT(eraser_->erase_some(device, 3).has_value());
    }
  }

  /// A process in the middle of an analysis continues with the old ones.
  void change_rules() {
    rules_ = rules_ == &first_rules_ ? &other_rules_ : &first_rules_;
    RC_ASSERT(store().put_rules({text_of(*rules_), 0}).has_value());
    for (int walker = 0; walker < walker_count; ++walker) {
      RC_ASSERT(store().mark_all_stale(number_of_walker(walker)).has_value());
    }
    RC_ASSERT(store().put_rules({text_of(*rules_), std::nullopt}).has_value());
  }

  /// Nobody disturbs who disturbs; and a worker has only two hands.
  void analyse(const Event& event) {
    if (busy_worker_ && (disturbing_ || *busy_worker_ == event.worker)) return;
    const auto before = std::exchange(busy_worker_, busy_worker_ ? busy_worker_ : std::optional(event.worker));
    const bool was_disturbing = std::exchange(disturbing_, before.has_value());
    static_cast<void>(analyse_device({number_of_walker(event.walker), event.order},
                                     *workers_[static_cast<std::size_t>(event.worker)], *rules_, sizes_));
    busy_worker_ = before;
    disturbing_ = was_disturbing;
  }

  /// All that happens before nothing does for a moment.
  Result<void> trouble() {
    Result<void> survived;
    if (disturbing_) return survived;
    while (survived && next_event_ < events_.size()) {
      const Event& event = events_[next_event_++];
      if (event.kind == Event::Kind::nothing) break;
      survived = happen(event);
    }
    return survived;
  }

  void analyse_all() {
    for (std::int64_t after = 0; true;) {
      const auto next = store().next_device_stale_before(device_time(std::numeric_limits<std::int32_t>::max()), after);
      RC_ASSERT(next.has_value());
      if (!*next) break;
      const auto report = analyse_device({**next}, store(), *rules_, sizes_);
      RC_ASSERT(report.has_value() && *report);
      RC_ASSERT((*report)->windows > 0);
    }
  }

  const AnalysisSizes sizes_;
  const AnalysisRules first_rules_;
  const AnalysisRules other_rules_;
  const AnalysisRules* rules_ = &first_rules_;
  std::unique_ptr<Installation> installation_;
  std::unique_ptr<IngestStore> ingest_;
  std::unique_ptr<DeviceEraser> eraser_;
  std::vector<std::unique_ptr<TroubledStore>> workers_;
  const std::vector<WalkerPacket> packets_;
  const std::vector<Event> events_;
  std::size_t next_packet_ = 0;
  std::size_t next_event_ = 0;
  std::optional<int> busy_worker_;
  bool disturbing_ = false;
  std::set<DeviceNumber> erasing_;
};

/// From what packets are drawn: the less there is, the more they have to do with each other.
struct Regime {
  std::string name;
  int walkers = walker_count;
  int edges = 4;     // of windows, around which times are
  int around = 250;  // seconds
  std::vector<int> routes = {0, 1, 2, 3, 4, 5};
  std::vector<int> fixes = {0, 1, 3, 8, 20};
  std::vector<int> steps = {1, 5, 10, 25, 31, 80};
  int track_gap = 100;  // seconds
  int late = 0;         // packets that come after all others were analysed; 0: any order
};

AnalysisRules rules_of(const Regime& regime) {
  AnalysisRules rules = short_rules();
  rules.tracks.gap = std::chrono::seconds(regime.track_gap);
  return rules;
}

rc::Gen<Stretch> any_stretch(const Regime& regime) {
  using rc::gen::element;
  const auto time =
      rc::gen::map(rc::gen::pair(rc::gen::inRange(0, regime.edges), rc::gen::inRange(-regime.around, regime.around)),
                   [](const std::pair<int, int>& drawn) { return 1'000'000'800 + 900 * drawn.first + drawn.second; });
  return rc::gen::build<Stretch>(
      rc::gen::set(&Stretch::walker, rc::gen::inRange(0, regime.walkers)), rc::gen::set(&Stretch::begin, time),
      rc::gen::set(&Stretch::step, rc::gen::elementOf(regime.steps)),
      rc::gen::set(&Stretch::fixes, rc::gen::elementOf(regime.fixes)),
      rc::gen::set(&Stretch::route, rc::gen::elementOf(regime.routes)),
      rc::gen::set(&Stretch::aside_m, element(0, 0, 4, 9, 14, 30)),
      rc::gen::set(&Stretch::accuracy_m, element(0, 1, 3, 20)),
      rc::gen::set(&Stretch::activity, element(Activity::sleep, Activity::walk, Activity::trot)));
}

rc::Gen<Event> any_event() {
  return rc::gen::build<Event>(
      rc::gen::set(&Event::kind, rc::gen::weightedElement<Event::Kind>({{24, Event::Kind::nothing},
                                                                        {9, Event::Kind::ingest},
                                                                        {15, Event::Kind::analyse},
                                                                        {3, Event::Kind::die},
                                                                        {1, Event::Kind::erase},
                                                                        {1, Event::Kind::change_rules}})),
      rc::gen::set(&Event::packets, rc::gen::element(1, 2, 5, 15, 40)),
      rc::gen::set(&Event::worker, rc::gen::inRange(0, worker_count)),
      rc::gen::set(&Event::walker, rc::gen::inRange(0, walker_count)),
      rc::gen::set(&Event::order, rc::gen::element(WindowOrder::oldest_first, WindowOrder::newest_first)));
}

/// Usually so small that tracks and chains are long in comparison, and are recomputed in many turns.
rc::Gen<AnalysisSizes> any_sizes() {
  using rc::gen::element;
  return rc::gen::build<AnalysisSizes>(
      rc::gen::set(&AnalysisSizes::windows_max, element<std::size_t>(1, 2, 96)),
      rc::gen::set(&AnalysisSizes::page, element<std::size_t>(1, 3, 10, 4096)),
      rc::gen::set(&AnalysisSizes::fixes_max, element<std::size_t>(1, 8, 30, 100'000)),
      rc::gen::set(&AnalysisSizes::state_interval, element<std::size_t>(1, 4, 9, 1024)),
      rc::gen::set(&AnalysisSizes::chain_seconds, element<std::size_t>(0, 60, 21'600)));
}

/// In any order, or mostly in that of time.
std::vector<WalkerPacket> disordered(std::vector<WalkerPacket> packets) {
  const auto places =
      *rc::gen::container<std::vector<std::uint16_t>>(packets.size(), rc::gen::arbitrary<std::uint16_t>());
  std::vector<std::size_t> order(packets.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return places[a] < places[b]; });
  std::vector<WalkerPacket> sent;
  for (const std::size_t i : order) sent.push_back(packets[i]);
  return sent;
}

/// In the order of time, but for the last `late`, which come one by one when walker 0 was analysed: what happens first.
std::vector<Event> make_late(std::vector<WalkerPacket>& packets, int late) {
  const auto time_of = [](const WalkerPacket& packet) {
    const auto* track = std::get_if<TrackPacket>(&packet.content);
    return track ? track->timestamp : std::get<ActivityPacket>(packet.content).timestamp;
  };
  std::stable_sort(packets.begin(), packets.end(),
                   [&](const WalkerPacket& a, const WalkerPacket& b) { return time_of(a) < time_of(b); });
  const auto count = std::min(packets.size(), static_cast<std::size_t>(late));
  for (std::size_t i = 0; i < count; ++i) {
    const auto end = static_cast<std::ptrdiff_t>(packets.size() - i);
    const auto one = packets.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, end);
    std::rotate(one, one + 1, packets.begin() + end);
  }
  std::vector<Event> events;
  for (std::size_t i = 0; i <= count; ++i) {
    events.push_back({.kind = Event::Kind::ingest, .packets = i == 0 ? static_cast<int>(packets.size() - count) : 1});
    events.push_back({.kind = Event::Kind::analyse});
    events.insert(events.end(), 10, Event{.kind = Event::Kind::nothing});  // disturbs it
  }
  return events;
}

struct Case {
  StoreAdapter adapter;
  Regime regime;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.adapter << ' ' << c.regime.name; }
};

struct Counts {
  std::size_t contacts = 0;
  std::size_t outliers = 0;

  friend bool operator==(const Counts&, const Counts&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Counts& counts) {
    return out << counts.contacts << " contacts, " << counts.outliers << " outliers";
  }
};

class AnyAnalysis : public testing::TestWithParam<Case> {
 protected:
  /// What follows from the first `count` packets: all up to `before` come at once, the others one by one, and walkers 0
  /// and 1 are analysed each time.
  Counts counts_of_first(const std::vector<WalkerPacket>& packets, std::size_t before, std::size_t count) {
    std::vector<Event> events;
    for (std::size_t i = before; i <= count; ++i) {
      events.push_back({.kind = Event::Kind::ingest, .packets = i == before ? static_cast<int>(before) : 1});
      for (int walker = 0; walker < 2; ++walker) {
        events.push_back({.kind = Event::Kind::analyse, .walker = walker});
        events.insert(events.end(), 10, Event{.kind = Event::Kind::nothing});  // disturbs it
      }
    }
    Play play(GetParam().adapter.install(), {packets.begin(), packets.begin() + static_cast<std::ptrdiff_t>(count)},
              events);
    play.run();
    const auto fixes = fixes_in(play.store(), walker_count);
    const DerivedRows found = derived_in(play.store(), walker_count);
    EXPECT_EQ(derived_at_once(fixes, samples_in(play.store(), walker_count), short_rules()), found);
    return {found.contacts.size(), count_outliers(fixes, short_rules())};
  }
};

TEST_P(AnyAnalysis, LeavesTheRowsOfOnePassOverAllPackets) {
  const Regime& regime = GetParam().regime;
  EXPECT_TRUE(rc::check([&, install = GetParam().adapter.install, drawn = any_stretch(regime)] {
    const auto stretches = *rc::gen::nonEmpty(rc::gen::container<std::vector<Stretch>>(drawn));
    auto events = *rc::gen::container<std::vector<Event>>(any_event());
    const auto place =
        *rc::gen::element(LatLon::from_degrees(48.7, 44.5).value(), LatLon::from_degrees(0, 179.9999).value(),
                          LatLon::from_degrees(89.9999, 10).value());
    const AnalysisSizes sizes = *any_sizes();
    auto packets = packets_of(stretches, place);
    if (regime.late > 0) {
      const auto before = make_late(packets, regime.late);
      events.insert(events.begin(), before.begin(), before.end());
    } else {
      packets = disordered(std::move(packets));
    }
    Play play(install(), std::move(packets), std::move(events), sizes, rules_of(regime));
    play.run();
    const DerivedRows found = derived_in(play.store(), walker_count);
    const auto fixes = fixes_in(play.store(), walker_count);
    const DerivedRows expected = derived_at_once(fixes, samples_in(play.store(), walker_count), play.rules());
    RC_CLASSIFY(play.has_erased(), "erasures");
    RC_CLASSIFY(count_outliers(fixes, play.rules()) > 0, "outliers");
    RC_CLASSIFY(!expected.contacts.empty(), "contacts");
    RC_CLASSIFY(!expected.walks.empty(), "joint walks");
    RC_ASSERT(found == expected);
    RC_ASSERT(wrong_states_in(play.store(), walker_count, play.rules()).empty());
  }));
}

constexpr int edge = 1'000'000'800;  // between two windows

/// Where walker 0 is, so many seconds from the edge.
WalkerPacket at_edge(int seconds, double east_m) {
  TrackPacket packet{.timestamp = device_time(edge + seconds)};
  packet.position = LatLon::from_degrees(48.7, 44.5 + east_m / 73'500).value();
  return {0, packet};
}

/// One device stands. Another drives past it just before a window begins, as a fix in that window tells; then a sleep
/// says that it did not drive.
TEST_P(AnyAnalysis, KnowsThatAPacketChangesWhatWasBeforeItsWindowAndWhatIsNoMore) {
  const auto place = LatLon::from_degrees(48.7, 44.5).value();
  std::vector<WalkerPacket> packets = packets_of({{.walker = 1, .begin = edge - 40, .step = 5, .fixes = 8}}, place);
  packets.push_back(at_edge(-28, -800));
  const std::size_t before = packets.size();
  packets.push_back(at_edge(1, 360));
  packets.push_back({0, ActivityPacket{.timestamp = device_time(edge - 3), .activity = Activity::sleep}});
  const auto contacts_of_first = [&](std::size_t count) { return counts_of_first(packets, before, count).contacts; };
  EXPECT_EQ(0U, contacts_of_first(before));
  EXPECT_EQ(1U, contacts_of_first(before + 1)) << "it drove past";
  EXPECT_EQ(0U, contacts_of_first(before + 2)) << "it did not";
}

/// One device stands. Another is at its place once, as two fixes on both sides of it tell. A fix in the next window,
/// more than `bridge` later, makes the second of them an outlier; another one that comes later still unmakes it.
TEST_P(AnyAnalysis, KnowsThatAPacketMakesAnOutlierTwoBridgesBeforeIt) {
  const auto place = LatLon::from_degrees(48.7, 44.5).value();
  std::vector<WalkerPacket> packets = packets_of({{.walker = 1, .begin = edge - 60, .step = 5, .fixes = 12}}, place);
  packets.push_back(at_edge(-50, -768));
  packets.push_back(at_edge(-25, 832));
  const std::size_t before = packets.size();
  packets.push_back(at_edge(1, -700));
  packets.push_back(at_edge(-10, 900));
  EXPECT_EQ((Counts{1, 0}), counts_of_first(packets, before, before)) << "it comes past";
  EXPECT_EQ((Counts{0, 1}), counts_of_first(packets, before, before + 1)) << "it was never there";
  EXPECT_EQ((Counts{1, 0}), counts_of_first(packets, before, before + 2)) << "it was, and leaps back from elsewhere";
}

/// A receiver is wrong every other second, so that all its fixes are outliers, also beyond what a late packet can
/// change. Before that packet came, two of them were none, and states were kept there.
TEST_P(AnyAnalysis, KeepsNoStateAtAFixThatBecameAnOutlier) {
  std::vector<WalkerPacket> packets;
  for (int second = -10; second <= 70; ++second) {
    const bool is_wrong = second >= -3 && second % 2 != 0;
    if (second != -2) packets.push_back(at_edge(second, is_wrong ? 5000 : 0));
  }
  const int before = static_cast<int>(packets.size());
  packets.push_back(at_edge(-2, 0));
  AnalysisRules rules = short_rules();
  rules.tracks.gap = std::chrono::seconds(20);
  std::vector<Event> events = {{.kind = Event::Kind::ingest, .packets = before}, {.kind = Event::Kind::analyse}};
  events.insert(events.end(), 10, Event{.kind = Event::Kind::nothing});  // disturbs it
  events.push_back({.kind = Event::Kind::ingest, .packets = 1});
  Play play(GetParam().adapter.install(), packets, events, {.state_interval = 1}, rules);
  play.run();
  EXPECT_EQ(derived_at_once(fixes_in(play.store(), walker_count), samples_in(play.store(), walker_count), rules),
            derived_in(play.store(), walker_count));
  EXPECT_TRUE(wrong_states_in(play.store(), walker_count, rules).empty());
}

/// While one worker is about to write what it found for the first dog, the last fix of the second one comes, and
/// another worker makes a longer contact of it.
TEST_P(AnyAnalysis, DoesNotWriteOverWhatAnotherFoundOfTheSamePair) {
  const std::vector<Stretch> stretches = {{.walker = 0, .begin = 1'000'001'000, .step = 10, .fixes = 8, .route = 1},
                                          {.walker = 1, .begin = 1'000'001'000, .step = 10, .fixes = 8, .route = 1}};
  const auto packets = packets_of(stretches, LatLon::from_degrees(48.7, 44.5).value());
  const Event pause{.kind = Event::Kind::nothing};
  const std::vector<Event> events = {{.kind = Event::Kind::ingest, .packets = static_cast<int>(packets.size()) - 1},
                                     {.kind = Event::Kind::analyse, .worker = 0, .walker = 1},
                                     pause,
                                     pause,
                                     pause,
                                     pause,
                                     pause,
                                     {.kind = Event::Kind::analyse, .worker = 0, .walker = 0},
                                     pause,
                                     pause,
                                     pause,  // two snapshots, and its places
                                     {.kind = Event::Kind::ingest, .packets = 1},
                                     {.kind = Event::Kind::analyse, .worker = 1, .walker = 1}};
  Play play(GetParam().adapter.install(), packets, events);
  play.run();
  EXPECT_EQ(
      derived_at_once(fixes_in(play.store(), walker_count), samples_in(play.store(), walker_count), short_rules()),
      derived_in(play.store(), walker_count));
}

std::vector<Case> cases() {
  const Regime regimes[] = {
      {.name = "everything"},
      {.name = "one_pair", .walkers = 2, .edges = 1, .around = 150, .routes = {1, 3}, .fixes = {1, 3, 8}},
      {.name = "one_track", .walkers = 1, .edges = 2, .around = 130, .routes = {1}, .fixes = {0, 0, 1, 1, 3}},
      {.name = "cars", .walkers = 2, .edges = 1, .around = 60, .routes = {0, 4}, .fixes = {0, 2, 5}},
      {.name = "wild", .walkers = 2, .edges = 1, .around = 90, .routes = {0, 5, 5}, .fixes = {0, 1, 1, 2, 5, 20}},
      {.name = "zigzag",
       .walkers = 1,
       .edges = 1,
       .around = 40,
       .routes = {0, 6, 6, 6},
       .fixes = {1, 1, 90},
       .steps = {1},
       .track_gap = 20,
       .late = 2},
      {.name = "endless", .walkers = 2, .edges = 9, .around = 300, .routes = {0, 1, 3}, .fixes = {0, 1, 40, 90}}};
  std::vector<Case> all;
  for (const StoreAdapter& adapter : store_adapters()) {
    for (const Regime& regime : regimes) all.push_back({adapter, regime});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Adapters, AnyAnalysis, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.adapter.name + "_" + each.param.regime.name; });

}  // namespace
}  // namespace packwalk
