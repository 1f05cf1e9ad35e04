// What every StoreKeeper must do.
#include "ports/store_keeper.h"

#include <gtest/gtest.h>

#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr ServerTime now = server_time(1'770'000'000'000'000);

class StoreKeeperContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  /// As many changes of one device, each a day older than the one before.
  void announce_daily(std::int64_t device, int days) {
    std::vector<StatusChange> changes;
    for (int day = days - 1; day >= 0; --day) {
      changes.push_back({DeviceNumber{device}, device_time(1000 - day), 1, 2, now - std::chrono::days(day)});
    }
    commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(announce(transaction, changes)); });
  }
  std::size_t announced(std::int64_t device) {
    return audit->snapshot(DeviceNumber{device}).value()->status_changes().value().size();
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();
  std::unique_ptr<AuditStore> audit = installation->audit_store();
  std::unique_ptr<StoreKeeper> keeper = installation->keeper();
};

TEST_P(StoreKeeperContract, ReportsTheOldestEventAndRemovesThoseThatNobodySentInTime) {
  EXPECT_EQ(std::nullopt, keeper->oldest_event().value());
  announce_daily(1, 20);
  announce_daily(2, 1);
  ASSERT_TRUE(keeper->keep(now, {.events_days = 0}));
  EXPECT_EQ(now - std::chrono::days(19), keeper->oldest_event().value());
  EXPECT_EQ(20U, announced(1));
  ASSERT_TRUE(keeper->keep(now, {.events_days = 7}));
  EXPECT_EQ(now - std::chrono::days(7), keeper->oldest_event().value()) << "at its very age it is still kept";
  EXPECT_EQ(8U, announced(1));
  EXPECT_EQ(1U, announced(2));
}

TEST_P(StoreKeeperContract, RemovesMoreThanOnePieceOfThem) {
  std::vector<StatusChange> changes;
  for (int i = 0; i < 2500; ++i) changes.push_back({DeviceNumber{1}, device_time(i), 1, 2, server_time(i)});
  commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(announce(transaction, changes)); });
  ASSERT_TRUE(keeper->keep(now, {}));
  EXPECT_EQ(std::nullopt, keeper->oldest_event().value());
  EXPECT_EQ(0U, announced(1));
}

TEST_P(StoreKeeperContract, KeepsAllElseUnlessItIsToldOtherwise) {
  commit(*ingest, [](IngestTransaction& transaction) {
    EXPECT_TRUE(claim_one(transaction, fix_claim(1, 1'420'070'400)).won);
    const KeptMessage message = kept_message(1, 1'420'070'400'000'000, 0, Verdict::accepted);
    EXPECT_TRUE(transaction.keep(std::span(&message, 1)));
  });
  const auto kept = keeper->keep(now, {}).value();
  EXPECT_TRUE(kept.gone.empty());
  const auto reader = installation->message_reader();
  EXPECT_EQ(1U, reader->messages(DeviceNumber{1}, std::nullopt, {}, 10).value().size());
  EXPECT_TRUE(audit->kept_since().value().all_messages() && audit->kept_since().value().all_fixes());
}

INSTANTIATE_TEST_SUITE_P(Adapters, StoreKeeperContract, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
