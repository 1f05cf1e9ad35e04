// What every AuditStore must do. It is filled through the IngestStore of the same adapter.
#include "ports/audit_store.h"

#include <gtest/gtest.h>

#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr DeviceNumber dog{1};

class AuditStoreContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  std::vector<std::int64_t> fix_times(DeviceSnapshot& snapshot) {
    std::vector<std::int64_t> times;
    EXPECT_TRUE(snapshot.each_fix_time({}, [&](DeviceTime time) { times.push_back(seconds_since_1970(time)); }));
    std::sort(times.begin(), times.end());
    return times;
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();
  std::unique_ptr<AuditStore> audit = installation->audit_store();
};

TEST_P(AuditStoreContract, MeetsEachDeviceOfWhichAnythingIsStored) {
  const CurrentState state{.device = DeviceNumber{40}, .counts = {.samples = 1}};
  commit(*ingest, [&](IngestTransaction& transaction) {
    EXPECT_TRUE(claim_one(transaction, fix_claim(10, 100)).won);
    EXPECT_TRUE(claim_one(transaction, sample_claim(20, 100)).won);
    const KeptMessage message = kept_message(30, 1, 0, Verdict::invalid);
    EXPECT_TRUE(transaction.keep(std::span(&message, 1)));
    EXPECT_TRUE(transaction.put(std::span(&state, 1)));
  });
  const NewDevice rex{DeviceId::from_text("rex").value(), TokenHash{}};
  ASSERT_TRUE(installation->device_registry()->add(std::span(&rex, 1), server_time(0)));
  std::vector<std::pair<std::int64_t, std::string>> met;
  for (auto device = audit->next_device(0).value(); device; device = audit->next_device(device->number.value).value()) {
    met.emplace_back(device->number.value, device->id);
  }
  EXPECT_EQ((std::vector<std::pair<std::int64_t, std::string>>{{1, "rex"}, {10, ""}, {20, ""}, {30, ""}, {40, ""}}),
            met);
  EXPECT_EQ(std::vector<std::string>(), audit->faults().value());
}

TEST_P(AuditStoreContract, ReadsEachRowAsItStands) {
  const CurrentState state{.device = dog, .last_fix = fix_at(100), .counts = {.fixes = 2}};
  commit(*ingest, [&](IngestTransaction& transaction) {
    FixClaim bare = fix_claim(1, 100, 0xfedcba9876543210);
    bare.fix.altitude = bare.fix.accuracy = MaybeMeters();
    EXPECT_TRUE(claim_one(transaction, bare).won);
    EXPECT_TRUE(claim_one(transaction, fix_claim(1, -50, 5)).won);
    EXPECT_TRUE(claim_one(transaction, fix_claim(2, 300)).won);
    EXPECT_TRUE(claim_one(transaction, sample_claim(1, 200, 6)).won);
    EXPECT_TRUE(transaction.put(std::span(&state, 1)));
  });
  const auto snapshot = audit->snapshot(dog).value();
  EXPECT_EQ((std::vector<std::int64_t>{-50, 100}), fix_times(*snapshot));
  EXPECT_EQ((StandingFix{48.7, 44.5, {}, {}, server_time(100'000'007), 1, 0xfedcba9876543210}),
            snapshot->fix(device_time(100)).value());
  EXPECT_EQ((StandingFix{48.7, 44.5, 40, 6, server_time(-50'000'000 + 7), 1, 5}),
            snapshot->fix(device_time(-50)).value());
  EXPECT_EQ(std::nullopt, snapshot->fix(device_time(300)).value()) << "another dog's";
  std::vector<std::int64_t> sample_times;
  EXPECT_TRUE(
      snapshot->each_sample_time({}, [&](DeviceTime time) { sample_times.push_back(seconds_since_1970(time)); }));
  EXPECT_EQ((std::vector<std::int64_t>{200}), sample_times);
  EXPECT_EQ((StandingSample{static_cast<std::int64_t>(Activity::walk), 12, server_time(200'000'007), 2, 6}),
            snapshot->sample(device_time(200)).value());
  EXPECT_EQ(std::nullopt, snapshot->sample(device_time(100)).value());
  EXPECT_EQ(state, snapshot->state().value());
}

TEST_P(AuditStoreContract, ReadsTheOutboxOfTheDeviceInDeviceTime) {
  const std::array first = {StatusChange{dog, device_time(300), 0, 255, server_time(9)}};
  const std::array more = {StatusChange{dog, device_time(-5), 255, 0, server_time(7)},
                           StatusChange{dog, device_time(300), 0, 255, server_time(8)},
                           StatusChange{DeviceNumber{2}, device_time(1), 1, 2, server_time(6)}};
  for (const auto& changes : {std::span<const StatusChange>(first), std::span<const StatusChange>(more)}) {
    commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(announce(transaction, changes)); });
  }
  EXPECT_EQ((std::vector{more[0], first[0]}), audit->snapshot(dog).value()->status_changes().value())
      << "one a key: the first stands";
  EXPECT_EQ((std::vector{more[2]}), audit->snapshot(DeviceNumber{2}).value()->status_changes().value());
}

TEST_P(AuditStoreContract, PagesThroughTheMessagesInTheOrderOfArrival) {
  commit(*ingest, [](IngestTransaction& transaction) {
    const std::array messages = {kept_message(1, 10, 0, Verdict::accepted), kept_message(1, 10, 1, Verdict::conflict),
                                 kept_message(1, 20, 0, Verdict::invalid, "x", "is bad"),
                                 kept_message(2, 15, 0, Verdict::accepted)};
    EXPECT_TRUE(transaction.keep(messages));
  });
  const auto snapshot = audit->snapshot(dog).value();
  const auto first = snapshot->messages({}, 2).value();
  ASSERT_EQ(2U, first.size());
  EXPECT_EQ(Verdict::accepted, first[0].verdict);
  EXPECT_EQ(Verdict::conflict, first[1].verdict);
  const auto second = snapshot->messages({first[1].received_at, first[1].ordinal}, 2).value();
  ASSERT_EQ(1U, second.size());
  EXPECT_EQ("is bad", second[0].reason);
  EXPECT_EQ("x", second[0].content);
}

TEST_P(AuditStoreContract, SeesOneMomentAndHoldsUpNoWriter) {
  commit(*ingest, [](IngestTransaction& transaction) { EXPECT_TRUE(claim_one(transaction, fix_claim(1, 100)).won); });
  {
    const auto snapshot = audit->snapshot(dog).value();
    ASSERT_EQ((std::vector<std::int64_t>{100}), fix_times(*snapshot));
    commit(*ingest, [](IngestTransaction& transaction) { EXPECT_TRUE(claim_one(transaction, fix_claim(1, 200)).won); });
    EXPECT_EQ((std::vector<std::int64_t>{100}), fix_times(*snapshot));
  }
  EXPECT_EQ((std::vector<std::int64_t>{100, 200}), fix_times(*audit->snapshot(dog).value()));
}

INSTANTIATE_TEST_SUITE_P(Adapters, AuditStoreContract, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
