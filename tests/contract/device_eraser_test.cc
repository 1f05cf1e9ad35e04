// What every DeviceEraser must do, and what ingest, analysis and the registry make of a device that is erased.
#include "ports/device_eraser.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "app/analysis/analyse_device.h"
#include "app/devices/device_directory.h"
#include "app/devices/erase_device.h"
#include "app/ingest/decode_upload.h"
#include "app/ingest/ingest_batch.h"
#include "core/packet/binary_form.h"
#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr DeviceNumber one{1};
constexpr DeviceNumber two{2};
constexpr DeviceNumber three{3};

DeviceId id(std::string_view text) { return DeviceId::from_text(text).value(); }

class Feed final : public LiveFeed {
 public:
  void publish(std::span<const DevicePosition> positions) override {
    for (const DevicePosition& each : positions) told.push_back(each.device);
  }
  std::vector<DeviceNumber> told;
};

Upload upload(DeviceNumber device, std::int64_t seconds) {
  Upload made{
      .device = device, .received_at = server_time((seconds + 1) * 1'000'000), .transport = Transport::http_binary};
  made.body = encode_binary(
      TrackPacket{.status = 1, .timestamp = device_time(seconds), .position = LatLon::from_degrees(48, 44).value()});
  EXPECT_TRUE(decode_upload(made, {}));
  return made;
}

/// Three devices with the numbers 1, 2 and 3, ids "a", "b" and "c".
class DeviceEraserContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  void SetUp() override {
    std::vector<NewDevice> devices;
    for (const char* text : {"a", "b", "c"}) devices.push_back({id(text), hash_of_token(text)});
    ASSERT_TRUE(registry->add(devices, server_time(1)));
  }

  /// A row or more of each kind.
  void fill(DeviceNumber device, int times, const std::string& rules = "") {
    const DeviceRefusal refusal{device, server_time(1), "osmand", "day_limit"};
    EXPECT_TRUE(installation->device_health()->note({&refusal, 1}));
    commit(*ingest, [&](IngestTransaction& transaction) {
      for (int i = 0; i < times; ++i) {
        const std::int64_t second = 1000 * i;
        EXPECT_TRUE(claim_one(transaction, fix_claim(device.value, second)).won);
        EXPECT_TRUE(claim_one(transaction, sample_claim(device.value, second)).won);
        const KeptMessage messages[] = {kept_message(device.value, second, 0, Verdict::accepted),
                                        kept_message(device.value, second, 1, Verdict::invalid)};
        EXPECT_TRUE(transaction.keep(messages));
        const StatusChange change{device, device_time(second), 1, 2, server_time(second)};
        EXPECT_TRUE(announce(transaction, {&change, 1}));
        const StaleWindow window{device, device_time(900 * i)};
        EXPECT_TRUE(transaction.mark_stale({&window, 1}));
      }
      EXPECT_TRUE(transaction.states({&device, 1}));
    });
    fan_out_first_event(device);
    EXPECT_TRUE(analysis->snapshot());
    RowChanges<PlaceCell> places;
    for (int i = 0; i < times; ++i) places.put.push_back({.slice = i, .cell = 7});
    const auto version = analysis->put_places(device, 0, places);
    ASSERT_TRUE(version && *version);
    Analysis made{.device = device,
                  .rules = rules,
                  .versions = {{device, **version}},
                  .packets = 0,
                  .windows = {},
                  .tracks = {},
                  .activity = {},
                  .contacts = {},
                  .walks = {}};
    for (int i = 0; i < times; ++i) {
      made.tracks.put.push_back({.from = device_time(1000 * i),
                                 .to = device_time(1000 * i + 5),
                                 .fixes = 1,
                                 .box = GeoBox::from_degrees(1, 1, 2, 2).value()});
      made.activity.put.push_back({.key = {device_time(900 * i), Activity::walk, true}, .seconds = 5, .steps = 6});
      made.track_states.put.push_back({.from = device_time(1000 * i), .to = device_time(1000 * i + 5), .fixes = 1});
    }
    ASSERT_TRUE(analysis->finish(made).value());
    for (int i = 0; i < times; ++i) {
      EXPECT_TRUE(analysis->set_aside({{device, device_time(900 * i)}, 1, server_time(1), "torn"}));
    }
    EXPECT_TRUE(analysis->retry_set_aside(server_time(1)));
  }
  /// So that it waits as two notifications.
  void fan_out_first_event(DeviceNumber device) {
    const auto outbox = installation->outbox();
    const auto waiting = outbox->next({.lines_max = 10, .of_each_max = 1}).value();
    for (const WaitingEvent& each : waiting) {
      if (each.device != device) continue;
      const FannedOut fanned_out{each, {SubscriptionNumber{1}, SubscriptionNumber{2}}};
      EXPECT_EQ(1U, outbox->fan_out({&fanned_out, 1}, server_time(1)).value());
    }
  }
  /// Written by `a`.
  void meet(DeviceNumber a, DeviceNumber b, int times, const std::string& rules = "") {
    const DeviceNumber both[] = {a, b};
    auto snapshot = std::move(analysis->snapshot().value());
    const auto devices = snapshot->devices(both).value();
    snapshot.reset();
    Analysis made{.device = a,
                  .rules = rules,
                  .versions = {{a, devices[0].version}, {b, devices[1].version}},
                  .packets = 0,
                  .windows = {},
                  .tracks = {},
                  .activity = {},
                  .contacts = {},
                  .walks = {}};
    for (Second i = 0; i < times; ++i) {
      made.contacts.put.push_back({a, b, {1000 * i, 1000 * i + 700, 3}});
      JointWalk walk{.from = 1000 * i, .to = 1000 * i + 700};
      walk.start_position = walk.end_position = LatLon::from_degrees(48, 44).value();
      made.walks.put.push_back({a, b, walk});
      made.chain_states.put.push_back({a, b, ChainState{.from = 1000 * i, .to = 1000 * i + 700}});
    }
    ASSERT_TRUE(analysis->finish(made).value());
  }
  std::map<std::string, std::int64_t> counts(DeviceNumber device) {
    std::map<std::string, std::int64_t> found;
    const auto all = eraser->count(device).value();
    for (const RowCount& each : all) found[each.part] = each.rows;
    return found;
  }
  std::vector<RowCount> erase(DeviceNumber device) {
    const auto left = erase_device(device, server_time(9), {*eraser}, [](std::int64_t) {});
    EXPECT_TRUE(left) << left.error().detail;
    return *left;
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<DeviceRegistry> registry = installation->device_registry();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();
  std::unique_ptr<AnalysisStore> analysis = installation->analysis_store();
  std::unique_ptr<DeviceEraser> eraser = installation->device_eraser();
};

TEST_P(DeviceEraserContract, ErasesAllOfADeviceInPiecesAndNothingOfOthers) {
  for (const DeviceNumber device : {one, two, three}) fill(device, 10);
  meet(one, two, 4);
  meet(two, three, 5);
  meet(one, three, 6);
  const auto before = counts(two);
  for (const auto& [place, rows] : before) EXPECT_GT(rows, 0) << place;
  auto of_one = counts(one);
  auto of_three = counts(three);
  ASSERT_TRUE(eraser->begin(two, server_time(5)));
  std::int64_t erased = 0;
  int pieces = 0;
  for (std::int64_t some = 1; some > 0; ++pieces) {
    some = eraser->erase_some(two, 3).value();
    EXPECT_LE(some, 4);
    erased += some;
  }
  EXPECT_GT(pieces, 30);
  EXPECT_GT(erased, 100);
  for (const auto& [place, rows] : counts(two)) EXPECT_EQ(0, rows) << place;
  for (const char* table : {"contacts", "joint_walks", "chain_states"}) {
    of_one[std::string(table) + " with a later id"] -= 4;
    of_three[std::string(table) + " with an earlier id"] -= 5;
  }
  EXPECT_EQ(of_one, counts(one));
  EXPECT_EQ(of_three, counts(three));
}

TEST_P(DeviceEraserContract, KnowsEveryTableWithRowsOfADevice) {
  std::set<std::string> expected;
  for (const std::string& column : installation->columns()) {
    const std::string table = column.substr(0, column.find('.'));
    if (table == "erased_devices") continue;  // the numbers that are never given again
    if (column.ends_with(".device")) expected.insert(table);
    if (column.ends_with(".device_a")) expected.insert(table + " with a later id");
    if (column.ends_with(".device_b")) expected.insert(table + " with an earlier id");
  }
  std::set<std::string> known;
  for (const auto& [part, rows] : counts(one)) known.insert(part);
  EXPECT_EQ(expected, known);
}

TEST_P(DeviceEraserContract, FromTheBeginningOnNothingIsAdded) {
  fill(one, 2);
  auto snapshot = std::move(analysis->snapshot().value());
  const AnalysedDevice stale = snapshot->devices({&one, 1})->front();
  snapshot.reset();
  ASSERT_TRUE(eraser->begin(one, server_time(5)));
  {
    auto transaction = std::move(ingest->begin().value());
    const DeviceNumber devices[] = {one, two};
    EXPECT_TRUE(transaction->states(devices));
    EXPECT_EQ(std::vector{one}, transaction->erased(devices).value());
  }
  RowChanges<PlaceCell> places;
  places.put.push_back({.slice = 9, .cell = 9});
  for (const AnalysisVersion version : {AnalysisVersion{0}, stale.version}) {
    EXPECT_EQ(std::nullopt, analysis->put_places(one, version, places).value());
    EXPECT_FALSE(analysis
                     ->finish({.device = one,
                               .versions = {{one, version}},
                               .packets = 0,
                               .windows = {},
                               .tracks = {},
                               .activity = {},
                               .contacts = {},
                               .walks = {}})
                     .value());
  }
  while (eraser->erase_some(one, 1000).value() > 0) {
  }
  ASSERT_TRUE(analysis->mark_all_stale(one));
  EXPECT_EQ(0, sum_of(eraser->count(one).value()));
}

TEST_P(DeviceEraserContract, IngestKeepsNothingOfItAndAllOfOthers) {
  Feed feed;
  constexpr std::int64_t start = 1'767'261'600;
  std::vector<Upload> uploads{upload(two, start), upload(one, start), upload(three, start), upload(one, start + 1)};
  EXPECT_EQ(0, sum_of(erase(one)));
  for (const bool redelivered : {false, true}) {
    for (Upload& each : uploads) each.redelivered = redelivered;
    const auto report = ingest_batch(uploads, *ingest, feed);
    ASSERT_TRUE(report) << report.error().detail;
    EXPECT_EQ(2U, report->erased);
    EXPECT_EQ(redelivered ? 0U : 2U, report->messages);
    EXPECT_EQ(0, sum_of(eraser->count(one).value()));
    EXPECT_EQ(1, counts(two).at("messages"));
    EXPECT_EQ(1, counts(three).at("fixes"));
  }
  EXPECT_EQ((std::vector{two, three, two, three}), feed.told);
}

TEST_P(DeviceEraserContract, AnalysisOfOthersGoesOnBesideAnErasureThatHasNotEnded) {
  const AnalysisRules rules;
  ASSERT_TRUE(analysis->put_rules({text_of(rules), std::nullopt}));
  for (const DeviceNumber device : {one, two}) fill(device, 3, text_of(rules));
  meet(one, two, 3, text_of(rules));
  ASSERT_TRUE(eraser->begin(one, server_time(5)));
  const auto report = analyse_device({two}, *analysis, rules);
  ASSERT_TRUE(report) << report.error().detail;
  ASSERT_TRUE(*report);
  EXPECT_EQ(0U, (*report)->partners);
  EXPECT_EQ(3, counts(one).at("contacts with a later id")) << "not its to change";
  EXPECT_EQ(Errc::overloaded, analyse_device({one}, *analysis, rules).error().code);
  EXPECT_EQ(0, sum_of(erase(one)));
}

TEST_P(DeviceEraserContract, WaitsForWhoIsAboutToCommit) {
  std::jthread erasing;
  std::atomic<bool> begun = false;
  commit(*ingest, [&](IngestTransaction& transaction) {
    EXPECT_TRUE(claim_one(transaction, fix_claim(1, 10)).won);
    EXPECT_TRUE(transaction.states({&one, 1}));
    EXPECT_TRUE(transaction.erased({&one, 1}).value().empty());
    erasing = std::jthread([&] {
      EXPECT_TRUE(eraser->begin(one, server_time(5)));
      begun = true;
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // it may not begin, however long it has time
    EXPECT_FALSE(begun);
  });
  erasing.join();
  EXPECT_TRUE(begun);
  EXPECT_EQ(1, counts(one).at("fixes"));
  EXPECT_EQ(0, sum_of(erase(one)));
}

TEST_P(DeviceEraserContract, AnErasedIdIsFreeAndItsNumberIsNot) {
  std::int64_t revision = registry
                              ->changes_since(
                                  0, [](const DeviceRecord&) {}, leave_out)
                              .value();
  DeviceDirectory directory(installation->device_registry());
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(three, directory.by_id("c"));
  EXPECT_EQ(three, eraser->find(id("c")).value());
  ASSERT_TRUE(eraser->begin(three, server_time(5)));
  EXPECT_EQ(three, eraser->find(id("c")).value()) << "it can be gone on with";
  const NewDevice again{id("c"), hash_of_token("new")};
  EXPECT_EQ(Errc::conflict, registry->add({&again, 1}, server_time(6)).error().code) << "not yet";
  EXPECT_EQ(std::vector<std::string>{"c"}, eraser->unfinished().value());
  std::optional<DeviceRecord> changed;
  std::vector<DeviceNumber> forgotten;
  const auto look = [&] {
    changed.reset();
    forgotten.clear();
    revision = registry
                   ->changes_since(
                       revision, [&](const DeviceRecord& record) { changed = record; },
                       [&](DeviceNumber device) { forgotten.push_back(device); })
                   .value();
  };
  look();
  EXPECT_FALSE(changed);
  EXPECT_EQ(std::vector{three}, forgotten);
  EXPECT_EQ(std::nullopt, installation->audit_store()->next_device(2).value()) << "half of it is no difference";
  EXPECT_EQ(0, sum_of(erase(three)));
  EXPECT_EQ(std::vector<std::string>(), eraser->unfinished().value());
  EXPECT_EQ(Errc::not_found, eraser->find(id("c")).error().code);
  EXPECT_EQ(Errc::not_found, registry->remove(id("c"), server_time(7)).error().code);
  ASSERT_TRUE(registry->add({&again, 1}, server_time(8)));
  look();
  EXPECT_EQ(std::vector{three}, forgotten);
  ASSERT_TRUE(changed);
  EXPECT_EQ(DeviceNumber{4}, changed->device.number);
  ASSERT_TRUE(directory.refresh());
  EXPECT_EQ(DeviceNumber{4}, directory.by_id("c"));
  EXPECT_EQ("", directory.id_of(three));
  EXPECT_EQ("", directory.id_ever_of(three));
  EXPECT_EQ(TokenStanding::unknown, directory.by_token("c").standing);
  const auto audited = installation->audit_store()->next_device(2);
  EXPECT_EQ(4, audited.value()->number.value) << "nobody looks for what an erased device should have";
}

INSTANTIATE_TEST_SUITE_P(Adapters, DeviceEraserContract, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
