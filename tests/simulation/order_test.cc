// Order does not matter: whatever the order, the batches, the repetitions, the restarts and the failed commits, the
// same packets leave the same rows, and exactly those that the obvious model says.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <numeric>

#include "tests/simulation/world.h"

namespace packwalk {
namespace {

/// From how few keys and contents packets are drawn: the fewer, the more of them meet.
struct Regime {
  std::string name;
  int devices, times, contents;

  friend std::ostream& operator<<(std::ostream& out, const Regime& regime) { return out << regime.name; }
};

/// What happens when a packet is sent.
struct Step {
  bool joined = false;     // it goes in one body with the packet before, if it can
  int messages_max = 0;    // of the batch that is ingested before it is sent; 0: none is
  bool restarted = false;  // before it is sent
  Fate fate = Fate::committed;
};
std::ostream& operator<<(std::ostream& out, const Step& step) {
  constexpr std::array fates = {"committed", "refused", "doubtful", "died"};
  return out << (step.joined ? "joined, " : "alone, ") << (step.restarted ? "restarted, " : "") << "batch of "
             << step.messages_max << " " << fates.at(static_cast<std::size_t>(step.fate));
}

rc::Gen<Packet> any_packet(const Regime& regime) {
  using rc::gen::inRange;
  return rc::gen::build<Packet>(
      rc::gen::set(&Packet::device, inRange(0, regime.devices)), rc::gen::set(&Packet::time, inRange(0, regime.times)),
      rc::gen::set(&Packet::content, inRange(0, regime.contents)),
      rc::gen::set(
          &Packet::kind,
          rc::gen::weightedElement<Kind>(
              {{8, Kind::track}, {5, Kind::activity}, {1, Kind::flaw}, {1, Kind::heartbeat}, {1, Kind::rubbish}})),
      rc::gen::set(&Packet::form, rc::gen::element(Form::plain, Form::wide, Form::json, Form::ndjson)));
}

rc::Gen<Step> any_step() {
  return rc::gen::build<Step>(
      rc::gen::set(&Step::joined, rc::gen::arbitrary<bool>()),
      rc::gen::set(&Step::messages_max, rc::gen::element(0, 0, 1, 3, 20)),
      rc::gen::set(&Step::restarted, rc::gen::weightedElement<bool>({{19, false}, {1, true}})),
      rc::gen::set(&Step::fate, rc::gen::weightedElement<Fate>(
                                    {{9, Fate::committed}, {1, Fate::refused}, {1, Fate::doubtful}, {1, Fate::died}})));
}

/// Each of `packets` once and some again, in any order.
std::vector<Packet> shuffled_with_repetitions(const std::vector<Packet>& packets) {
  std::vector<Packet> sent = packets;
  const auto again = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, packets.size()));
  for (const std::size_t i : again) sent.push_back(packets[i]);
  const auto places = *rc::gen::container<std::vector<std::uint16_t>>(sent.size(), rc::gen::arbitrary<std::uint16_t>());
  std::vector<std::size_t> order(sent.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return places[a] < places[b]; });
  std::vector<Packet> shuffled;
  shuffled.reserve(order.size());
  for (const std::size_t i : order) shuffled.push_back(sent[i]);
  return shuffled;
}

void run(World& world, const std::vector<Packet>& packets, const std::vector<Step>& steps) {
  for (std::size_t first = 0, end = 0; first < packets.size(); first = end) {
    const Step& step = steps[first];
    if (step.restarted) world.restart();
    if (step.messages_max > 0) world.ingest(static_cast<std::size_t>(step.messages_max), step.fate);
    end = first + 1;
    while (end < packets.size() && steps[end].joined && fit_together(packets[first], packets[end])) ++end;
    world.send(parcel_of(std::span(packets).subspan(first, end - first)));
  }
  world.finish();
}

/// By key: all that packets say under it.
using Candidates = std::map<PacketKey, std::set<Essence>>;
Candidates candidates_of(const std::vector<Packet>& packets) {
  Candidates candidates;
  for (const Packet& packet : packets) {
    const Meaning meaning = meaning_of(packet);
    const DeviceNumber device = number_of(packet.device);
    if (meaning.fix) candidates[{device, Family::track, meaning.fix->timestamp}].insert(essence_of(*meaning.fix));
    if (meaning.sample) {
      candidates[{device, Family::activity, meaning.sample->timestamp}].insert(essence_of(*meaning.sample));
    }
  }
  return candidates;
}

/// The rows are one for each key, and say what some packet with that key said; with one candidate there is no choice.
template <class Row>
void expect_candidates(const std::vector<Row>& rows, const Candidates& candidates, DeviceNumber device, Family family) {
  std::size_t keys = 0;
  for (const auto& [key, essences] : candidates) keys += key.device == device && key.family == family ? 1 : 0;
  RC_ASSERT(rows.size() == keys);
  for (const Row& row : rows) {
    RC_ASSERT(candidates.at({device, family, row.timestamp}).contains(essence_of(row)));
  }
}

/// What the packets alone decide is the same in both; `candidates` says where the first come had a choice.
void expect_same_but_for_choices(const DeviceRows& a, const DeviceRows& b, const Candidates& candidates) {
  RC_ASSERT(a.stale_windows == b.stale_windows);
  RC_ASSERT(a.state.counts.fixes == b.state.counts.fixes);
  RC_ASSERT(a.state.counts.samples == b.state.counts.samples);
  RC_ASSERT(a.state.last_fix.has_value() == b.state.last_fix.has_value());
  RC_ASSERT(a.state.status.has_value() == b.state.status.has_value());
  if (a.state.last_fix) RC_ASSERT(a.state.last_fix->timestamp == b.state.last_fix->timestamp);
  if (!a.state.status) return;
  RC_ASSERT(a.state.status->timestamp == b.state.status->timestamp);
  RC_ASSERT(a.state.status->family == b.state.status->family);
  const PacketKey key{a.state.device, a.state.status->family, a.state.status->timestamp};
  if (candidates.at(key).size() == 1) RC_ASSERT(a.state.status->status == b.state.status->status);
}

void expect_consistent(const DeviceRows& rows) {
  std::map<Verdict, std::int64_t> counts;
  for (const auto& message : rows.messages) ++counts[std::get<Verdict>(message)];
  RC_ASSERT(counts[Verdict::accepted] == rows.state.counts.fixes + rows.state.counts.samples);
  RC_ASSERT(counts[Verdict::duplicate] == rows.state.counts.duplicates);
  RC_ASSERT(counts[Verdict::conflict] == rows.state.counts.conflicts);
  RC_ASSERT(counts[Verdict::invalid] == rows.state.counts.invalid);
  std::map<int, int> arrivals;  // at a status, less departures: each change begins where the one before ended
  for (const auto& [time, from, to] : rows.status_changes) {
    RC_ASSERT(from != to);
    ++arrivals[to];
    --arrivals[from];
  }
  for (const auto& [status, more] : arrivals) RC_ASSERT(more <= (status == rows.state.status->status ? 1 : 0));
}

struct Case {
  StoreAdapter adapter;
  Regime regime;

  friend std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.adapter << ' ' << c.regime; }
};

class Order : public testing::TestWithParam<Case> {};

TEST_P(Order, DoesNotMatter) {
  const auto& [adapter, regime] = GetParam();
  EXPECT_TRUE(rc::check([&, install = adapter.install, drawn = any_packet(regime)] {
    const auto packets = *rc::gen::nonEmpty(rc::gen::container<std::vector<Packet>>(drawn));
    const auto shuffled = shuffled_with_repetitions(packets);
    const auto steps = *rc::gen::container<std::vector<Step>>(shuffled.size(), any_step());
    const Candidates candidates = candidates_of(packets);

    World plain(install());
    run(plain, packets, std::vector<Step>(packets.size(), Step{.messages_max = 1}));
    World troubled(install(), *rc::gen::arbitrary<std::uint32_t>());
    run(troubled, shuffled, steps);

    for (int device = 0; device < device_count; ++device) {
      const DeviceNumber number = number_of(device);
      const DeviceRows simple = plain.rows_of(number);
      const DeviceRows rows = troubled.rows_of(number);
      RC_ASSERT(simple == plain.model().rows_of(number));
      RC_ASSERT(rows == troubled.model().rows_of(number));
      expect_consistent(rows);
      expect_candidates(rows.fixes, candidates, number, Family::track);
      expect_candidates(rows.samples, candidates, number, Family::activity);
      expect_same_but_for_choices(simple, rows, candidates);
      const auto live = troubled.live().find(number);
      RC_ASSERT((live ? std::optional(live->fix) : std::nullopt) == rows.state.last_fix);
    }
  }));
}

std::vector<Case> cases() {
  const Regime regimes[] = {{"one_key", 1, 1, content_count},
                            {"one_device", 1, 3, 3},
                            {"repetitions_only", 2, time_count, 1},
                            {"everything", device_count, time_count, content_count}};
  std::vector<Case> all;
  for (const StoreAdapter& adapter : store_adapters()) {
    for (const Regime& regime : regimes) all.push_back({adapter, regime});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Adapters, Order, testing::ValuesIn(cases()),
                         [](const auto& each) { return each.param.adapter.name + "_" + each.param.regime.name; });

}  // namespace
}  // namespace packwalk
