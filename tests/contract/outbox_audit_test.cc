// What `packwalk check` finds in an outbox, on every store.
#include <gtest/gtest.h>

#include "app/ingest/audit_device.h"
#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr DeviceNumber dog{1};

class OutboxAudit : public testing::TestWithParam<StoreAdapter> {
 protected:
  void SetUp() override {
    commit(*ingest, [](IngestTransaction& transaction) {
      for (const auto& [time, status] : {std::pair{100, 1}, {200, 2}, {300, 3}}) {
        FixClaim claim = fix_claim(1, time);
        claim.fix.status = static_cast<std::uint8_t>(status);
        EXPECT_TRUE(claim_one(transaction, claim).won);
      }
      SampleClaim before_its_track_packet = sample_claim(1, 300);
      before_its_track_packet.sample.status = 9;
      EXPECT_TRUE(claim_one(transaction, before_its_track_packet).won);
      const CurrentState state{.device = dog, .status = StatusReading{3, device_time(300), Family::track}};
      EXPECT_TRUE(transaction.put(std::span(&state, 1)));
    });
  }

  static StatusChange change(std::int64_t time, std::uint8_t from, std::uint8_t to) {
    return {dog, device_time(time), from, to, fix_at(time).received_at};
  }

  /// What is said of the outbox when it holds `changes`.
  std::string said_of(const std::vector<StatusChange>& changes) {
    commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(announce(transaction, changes)); });
    std::string said;
    AuditTotals totals;
    const auto audit = installation->audit_store();
    const auto snapshot = audit->snapshot(dog);
    EXPECT_TRUE(audit_device(**snapshot, dog, {}, totals, [&](const std::string& sentence) {
      const bool of_outbox =
          sentence.find("change of status") != std::string::npos || sentence.find("outbox") != std::string::npos;
      if (of_outbox) said += sentence + "; ";
    }));
    return said;
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();
};

TEST_P(OutboxAudit, FollowsTheChangesToTheStatus) {
  EXPECT_EQ("", said_of({}));
  EXPECT_EQ("", said_of({change(200, 1, 2), change(300, 2, 9), change(300, 9, 3)}));
}

TEST_P(OutboxAudit, FindsAChangeThatIsMissing) {
  EXPECT_EQ("the change of status at 300 does not begin with the status at which the previous one ended; ",
            said_of({change(200, 1, 2), change(300, 9, 3)}));
}

TEST_P(OutboxAudit, FindsThatTheLastIsMissing) {
  EXPECT_EQ("its status is not the last one in the outbox; ", said_of({change(200, 1, 2)}));
}

TEST_P(OutboxAudit, FindsAChangeThatNoPacketTells) {
  EXPECT_EQ("no packet reports the change of status at 250; ",
            said_of({change(200, 1, 2), change(250, 2, 9), change(300, 9, 3)}));
}

INSTANTIATE_TEST_SUITE_P(Adapters, OutboxAudit, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
