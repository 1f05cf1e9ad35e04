// What can befall the partitions of a PostgreSQL database: they are old, detached, half detached, lost.
#include <gtest/gtest.h>

#include <thread>

#include "adapters/postgres/client.h"
#include "adapters/postgres/partitions.h"
#include "adapters/postgres/postgres_store.h"
#include "app/ingest/audit_device.h"
#include "app/ingest/decode_upload.h"
#include "app/ingest/run_ingest.h"
#include "core/packet/binary_form.h"
#include "tests/support/claims.h"
#include "tests/support/list_queue.h"
#include "tests/support/postgres_schema.h"

namespace packwalk {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t december = 1'764'547'200;  // 2025-12-01
constexpr std::int64_t january = december + 31 * day;
constexpr ServerTime now = server_time((january + 74 * day) * second);  // 2026-03-16

Upload upload_of(std::int64_t device, std::int64_t time) {
  Upload upload{.device = DeviceNumber{device},
                .received_at = server_time((time + 1) * second),
                .transport = Transport::http_binary};
  upload.body = encode_binary(
      TrackPacket{.status = 1, .timestamp = device_time(time), .position = LatLon::from_degrees(48, 44).value()});
  EXPECT_TRUE(decode_upload(upload, {}));
  return upload;
}

class PostgresPartitions : public testing::Test {
 protected:
  /// As ingest commits it: "accepted", or the error.
  std::string outcome_of(const FixClaim& claim) {
    auto transaction = store->begin();
    EXPECT_TRUE(transaction);
    const auto standing = (*transaction)->claim(std::span(&claim, 1));
    if (!standing)
      return std::string(standing.error().code == Errc::not_found ? "lost: " : "error: ") + standing.error().detail;
    EXPECT_TRUE((*transaction)->commit());
    return standing->front().won ? "accepted" : "taken";
  }
  void keep_message(std::int64_t seconds) {
    const KeptMessage message = kept_message(1, seconds * second, 0, Verdict::invalid);
    commit(*store, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.keep(std::span(&message, 1))); });
  }
  /// The way of packets that arrive, each in an upload of its own, in the second after their time. Returns how many
  /// were those of an erased device.
  std::size_t ingest(std::initializer_list<std::int64_t> times) {
    ListQueue queue;
    for (const std::int64_t time : times) {
      EXPECT_TRUE(queue.put(upload_of(1, time), [](const Result<void>&) {}));
    }
    NobodyListens feed;
    std::size_t erased = 0;
    run_ingest(queue, *store, feed, 100, [&](const Result<IngestReport>& report) {
      if (report) erased += report->erased;
    });
    return erased;
  }
  std::string count(const std::string& table) { return schema.value_of("SELECT count(*) FROM " + table); }
  bool is_attached(const std::string& name) {
    return schema.value_of("SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass('" + name + "')") == "1";
  }
  bool is_there(const std::string& name) { return !schema.value_of("SELECT to_regclass('" + name + "')").empty(); }
  /// Again while somebody is in the way: PostgreSQL waits for the snapshots of all tests, and the keeper not for long.
  KeeperReport keep(const KeepRules& rules) {
    auto kept = keeper->keep(now, rules);
    constexpr int attempts = 30;
    for (int i = 0; i < attempts && !kept; ++i) kept = keeper->keep(now, rules);
    return kept.value();
  }

  PostgresSchema schema;
  std::unique_ptr<Store> installation = make_postgres_store(schema.url());
  std::unique_ptr<IngestStore> store = std::move(installation->ingest_store().value());
  std::unique_ptr<StoreKeeper> keeper = std::move(installation->keeper().value());
};

TEST_F(PostgresPartitions, AreMadeAhead) {
  EXPECT_FALSE(is_attached("messages_20260318"));
  keep({});
  EXPECT_TRUE(is_attached("messages_20260318"));
  EXPECT_TRUE(is_attached("samples_202605"));
}

TEST_F(PostgresPartitions, OfMessagesArePutAsideWhenTheyAreOld) {
  const std::int64_t today = january + 74 * day;
  for (const std::int64_t days : {0, 1, 2, 3, 4}) keep_message(today - days * day);
  const KeeperReport report = keep({.messages_days = 2});
  EXPECT_EQ((std::vector<std::string>{"messages_20260312", "messages_20260313"}), report.gone);
  EXPECT_EQ("1", count("messages_20260312")) << "it is a table of its own";
  EXPECT_TRUE(keep({.messages_days = 2}).gone.empty());
  EXPECT_EQ("3", count("messages"));
}

TEST_F(PostgresPartitions, AreDroppedWhenThatIsTheRule) {
  keep_message(december);
  keep({.messages_days = 2, .when_old = WhenOld::drop});
  EXPECT_FALSE(is_there("messages_20251201"));
  ingest({december + 5});  // it waited in a queue
  EXPECT_EQ("1", count("messages"));
  keep({.messages_days = 2, .when_old = WhenOld::drop});
  EXPECT_EQ("0", count("messages"));
}

TEST_F(PostgresPartitions, OfFixesThatAreGoneAreNotMadeAnew) {
  for (const WhenOld when_old : {WhenOld::detach, WhenOld::drop}) {
    const std::int64_t device = when_old == WhenOld::detach ? 1 : 2;
    const std::int64_t month = when_old == WhenOld::detach ? december : december - 30 * day;  // November
    const std::string name = when_old == WhenOld::detach ? "fixes_202512" : "fixes_202511";
    EXPECT_EQ("accepted", outcome_of(fix_claim(device, month + 5)));
    EXPECT_EQ("accepted", outcome_of(fix_claim(device, january + 5)));
    EXPECT_TRUE(keep({.fixes_months = 4, .when_old = when_old}).gone.empty());
    EXPECT_EQ((std::vector<std::string>{name}), keep({.fixes_months = 1, .when_old = when_old}).gone);
    EXPECT_EQ(when_old == WhenOld::detach, is_there(name));
    EXPECT_EQ(0U, outcome_of(fix_claim(device, month + 5)).find("error: ")) << "it thought that it knows the partition";
    EXPECT_NE(std::string::npos, outcome_of(fix_claim(device, month + 5)).find(name + " is no longer kept"));
    EXPECT_EQ("taken", outcome_of(fix_claim(device, january + 5)));
  }
}

TEST_F(PostgresPartitions, ThatAreGoneMakeTheirPacketsInvalidAndNoOthers) {
  EXPECT_EQ("accepted", outcome_of(fix_claim(1, december + 5)));
  keep({.fixes_months = 1});
  ingest({december + 5, january + 5, january + 6});
  EXPECT_EQ("2", count("messages WHERE verdict = 0"));
  EXPECT_EQ("1", count("messages WHERE verdict = 3 AND reason LIKE '%fixes_202512 is no longer kept%'"));
  EXPECT_EQ("2", count("fixes"));
}

TEST_F(PostgresPartitions, DetachedByHandAreAttachedAgainWithTheirKeys) {
  EXPECT_EQ("accepted", outcome_of(fix_claim(1, december + 5)));
  schema.run("ALTER TABLE fixes DETACH PARTITION fixes_202512");
  EXPECT_NE("accepted", outcome_of(fix_claim(1, december + 5)));
  EXPECT_EQ("taken", outcome_of(fix_claim(1, december + 5)));
}

TEST_F(PostgresPartitions, OfFixesThatWereLostStopTheirPacketsUntilSomebodyDecides) {
  EXPECT_EQ("accepted", outcome_of(fix_claim(1, december + 5)));
  schema.run("DROP TABLE fixes_202512");
  EXPECT_NE("accepted", outcome_of(fix_claim(1, december + 5)));
  EXPECT_EQ(0U, outcome_of(fix_claim(1, december + 5)).find("lost: PostgreSQL: ERROR:  fixes_202512 is lost"));
  EXPECT_EQ("accepted", outcome_of(fix_claim(1, january + 5))) << "another month's";
  schema.run("DELETE FROM partitions WHERE name = 'fixes_202512'");
  EXPECT_EQ("accepted", outcome_of(fix_claim(1, december + 5)));
}

TEST_F(PostgresPartitions, OfMessagesThatWereLostAreMadeAnew) {
  keep_message(december);
  schema.run("DROP TABLE messages_20251201");
  ingest({december + day - 10});
  EXPECT_EQ("1", count("messages"));
}

TEST_F(PostgresPartitions, HalfDetachedWhenTheKeeperDiedAreDetachedByTheNext) {
  EXPECT_EQ("accepted", outcome_of(fix_claim(1, december + 5)));
  const auto reader = sql::connect_client(schema.url());
  ASSERT_TRUE(sql::run_simple(*reader, "BEGIN; SELECT count(*) FROM fixes"));
  schema.run("UPDATE partitions SET gone = 'drop' WHERE name = 'fixes_202512'");
  const auto dying = sql::connect_client(schema.url());
  ASSERT_TRUE(sql::run_simple(*dying, "SET statement_timeout = '300ms'"));
  ASSERT_FALSE(sql::run_simple(*dying, "ALTER TABLE fixes DETACH PARTITION fixes_202512 CONCURRENTLY"));
  ASSERT_EQ("t", schema.value_of("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'fixes_202512'::regclass"));
  const auto left = std::move(installation->device_eraser().value())->count(DeviceNumber{1}).value();
  EXPECT_EQ((RowCount{"fixes_202512 (put aside)", 1}), left.back()) << "whom no query of fixes finds";
  ASSERT_TRUE(sql::run_simple(*reader, "COMMIT"));
  keep({});
  EXPECT_FALSE(is_there("fixes_202512"));
}

TEST_F(PostgresPartitions, ThatAreLostStopNoOtherPackets) {
  EXPECT_EQ("accepted", outcome_of(fix_claim(1, december + 5)));
  schema.run("DROP TABLE fixes_202512");
  ingest({december + 5, january + 5, january + 6});
  EXPECT_EQ("2", count("messages WHERE verdict = 0"));
  EXPECT_EQ("2", count("messages")) << "the third is the queue's to keep";
}

TEST_F(PostgresPartitions, ThatAreLostDoNotKeepPacketsOfErasedDevices) {
  const std::unique_ptr<DeviceRegistry> registry = std::move(installation->device_registry().value());
  const NewDevice rex{DeviceId::from_text("rex").value(), {}};
  ASSERT_TRUE(registry->add({&rex, 1}, now));
  EXPECT_EQ("accepted", outcome_of(fix_claim(1, december + 5)));
  schema.run("DROP TABLE fixes_202512");
  ASSERT_TRUE(std::move(installation->device_eraser().value())->begin(DeviceNumber{1}, now));
  EXPECT_EQ(1U, ingest({december + 5}));
  EXPECT_EQ("0", count("messages"));
}

TEST_F(PostgresPartitions, ThatAreLostKeepNobodyFromTellingAgainWhatWasCommitted) {
  const std::unique_ptr<DeviceRegistry> registry = std::move(installation->device_registry().value());
  const NewDevice devices[] = {{DeviceId::from_text("rex").value(), hash_of_token("rex")},
                               {DeviceId::from_text("ada").value(), hash_of_token("ada")}};
  ASSERT_TRUE(registry->add(devices, now));
  EXPECT_EQ("accepted", outcome_of(fix_claim(1, december + 5)));
  std::vector uploads = {upload_of(2, january + 5), upload_of(1, december + 5)};
  struct Feed final : LiveFeed {
    std::vector<DevicePosition> told;
    void publish(std::span<const DevicePosition> positions) override {
      told.assign(positions.begin(), positions.end());
    }
  } feed;
  ASSERT_TRUE(ingest_batch({uploads.data(), 1}, *store, feed));
  feed.told.clear();  // the committing process died before it published
  schema.run("DROP TABLE fixes_202512");
  ASSERT_TRUE(std::move(installation->device_eraser().value())->begin(DeviceNumber{1}, now));
  for (Upload& each : uploads) each.redelivered = true;
  EXPECT_FALSE(ingest_batch(uploads, *store, feed)) << "it thought that it knows the partition";
  const auto report = ingest_batch(uploads, *store, feed);
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_EQ(1U, report->erased);
  ASSERT_EQ(1U, feed.told.size());
  EXPECT_EQ(DeviceNumber{2}, feed.told[0].device);
}

TEST_F(PostgresPartitions, AreDetachedBesideWhoWrites) {
  EXPECT_EQ("accepted", outcome_of(fix_claim(1, december + 5)));
  auto writing = std::move(store->begin().value());
  EXPECT_TRUE(claim_one(*writing, fix_claim(1, january + 5)).won);
  std::jthread keeping([&] { EXPECT_EQ(1U, keep({.fixes_months = 1}).gone.size()); });
  while (is_attached("fixes_202512") &&
         schema.value_of("SELECT 1 FROM pg_inherits WHERE inhdetachpending AND inhrelid = "
                         "'fixes_202512'::regclass") != "1") {
  }
  const auto other = std::move(installation->ingest_store().value());
  commit(*other, [](IngestTransaction& transaction) {  // the keeper waits for the first, and nobody for the keeper
    EXPECT_TRUE(claim_one(transaction, fix_claim(2, january + 5)).won);
  });
  EXPECT_TRUE(writing->commit());
  keeping.join();
  EXPECT_EQ("2", count("fixes"));
}

TEST_F(PostgresPartitions, ThatAreGoneLeaveAnAuditThatLooksAtTheRest) {
  ingest({december + 5});
  ingest({january + 40 * day, january + 40 * day + 1});
  const auto differences = [&] {
    const auto audit = std::move(installation->audit_store().value());
    AuditTotals totals;
    std::string said;
    const auto snapshot = audit->snapshot(DeviceNumber{1});
    EXPECT_TRUE(audit_device(**snapshot, DeviceNumber{1}, audit->kept_since().value(), totals,
                             [&](const std::string& sentence) { said += sentence + "; "; }));
    return said;
  };
  EXPECT_EQ("", differences());
  EXPECT_EQ(1U, keep({.fixes_months = 1}).gone.size());
  EXPECT_EQ("", differences()) << "a message whose fix is gone";
  EXPECT_EQ(1U, keep({.messages_days = 50}).gone.size());
  EXPECT_EQ("", differences()) << "a state whose messages are gone";
  schema.run("UPDATE messages SET verdict = 1 WHERE received_at = (SELECT MAX(received_at) FROM messages)");
  EXPECT_NE("", differences());
}

}  // namespace
}  // namespace packwalk
