// What becomes of messages of a device that came at the same microsecond, by two gateways: in every store.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <future>

#include "app/ingest/audit_device.h"
#include "app/ingest/decode_upload.h"
#include "app/ingest/ingest_batch.h"
#include "app/ingest/passed_on_transaction.h"
#include "app/questions/live_positions.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr DeviceNumber dog{1};
constexpr ServerTime at = server_time(1'770'000'000'000'000);
constexpr auto microsecond = std::chrono::microseconds(1);

std::string fix_of(int second) {
  return R"({"type":"track","status":1,"timestamp":)" + std::to_string(1'770'000'000 + second) +
         R"(,"lat":48.5,"lon":44.5})";
}

Upload upload(const std::string& body, bool redelivered = false, ServerTime received_at = at,
              Transport transport = Transport::http_json) {
  Upload made{
      .device = dog, .received_at = received_at, .transport = transport, .body = body, .redelivered = redelivered};
  EXPECT_TRUE(decode_upload(made, AcceptRules{}));
  return made;
}

class SameTime : public testing::TestWithParam<StoreAdapter> {
 protected:
  Result<IngestReport> ingest(const std::vector<Upload>& batch) {
    LivePositions live;
    return ingest_batch(batch, *store, live);
  }
  std::vector<ServerTime> times_of_messages() {
    std::vector<ServerTime> times;
    const auto messages = reader->messages(dog, std::nullopt, {}, 100).value();
    times.reserve(messages.size());
    for (const StoredMessage& message : messages) times.push_back(message.received_at);
    std::sort(times.begin(), times.end());
    return times;
  }
  std::string differences() {
    const auto audit = installation->audit_store();
    const auto snapshot = audit->snapshot(dog).value();
    AuditTotals totals;
    std::string all;
    EXPECT_TRUE(audit_device(*snapshot, dog, {}, totals, [&](const std::string& what) { all += what + "\n"; }));
    EXPECT_EQ(0, totals.messages[static_cast<std::size_t>(Verdict::conflict)]);
    return all;
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> store = installation->ingest_store();
  std::unique_ptr<QueryStore> query = installation->query_store();
  std::unique_ptr<MessageReader> reader = installation->message_reader();
};

TEST_P(SameTime, TheSecondOneIsKeptAMicrosecondLaterAndSoIsItsFix) {
  ASSERT_TRUE(ingest({upload(fix_of(0))}));
  const auto refused = ingest({upload(fix_of(10))});
  ASSERT_FALSE(refused);
  ASSERT_EQ(Errc::overloaded, refused.error().code);
  ASSERT_TRUE(ingest({upload(fix_of(10), true)}));
  EXPECT_EQ((std::vector{at, at + microsecond}), times_of_messages());
  EXPECT_EQ("", differences());
}

TEST_P(SameTime, WhatComesAgainIsFoundWhereItWent) {
  const std::vector batch = {upload(fix_of(0), true), upload(fix_of(10), true), upload(fix_of(20), true)};
  ASSERT_TRUE(ingest(batch));
  for (int again = 0; again < 2; ++again) {
    EXPECT_EQ(0U, ingest(batch).value().messages);
    EXPECT_EQ(0U, ingest({upload(fix_of(20), true)}).value().messages);
  }
  EXPECT_EQ((std::vector{at, at + microsecond, at + 2 * microsecond}), times_of_messages());
  EXPECT_EQ("", differences());
}

TEST_P(SameTime, TwoInOneBatchAreRefusedAtFirst) {
  const auto refused = ingest({upload(fix_of(0)), upload(fix_of(10))});
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::overloaded, refused.error().code);
  EXPECT_TRUE(times_of_messages().empty());
}

TEST_P(SameTime, ThePacketOfAnotherOneInOtherWordsIsADuplicate) {
  ASSERT_TRUE(ingest({upload(fix_of(0), true), upload("{ " + fix_of(0).substr(1), true)}));
  EXPECT_EQ((std::vector{at, at + microsecond}), times_of_messages());
  EXPECT_EQ("", differences());
}

TEST_P(SameTime, AFixThatTellsNoTimeIsOfTheSecondInWhichItCame) {
  const ServerTime last_of_a_second = at - microsecond;
  const auto phone = [&](const std::string& body) {
    return upload(body, true, last_of_a_second, Transport::osmand_form);
  };
  ASSERT_TRUE(ingest({phone("id=***&batt=5"), phone("id=***&lat=48.5&lon=44.5")}));
  EXPECT_EQ((std::vector{last_of_a_second, at}), times_of_messages());
  EXPECT_EQ(1U, query->fixes(dog, {device_time(1'769'999'999), device_time(1'770'000'000)}, 9)->size());
  EXPECT_EQ("", differences());
}

/// Each transaction calls `meanwhile` before it commits.
class HeldUpStore final : public IngestStore {
 public:
  HeldUpStore(IngestStore& store, std::function<void()> meanwhile) : store_(store), meanwhile_(std::move(meanwhile)) {}

  Result<std::unique_ptr<IngestTransaction>> begin() override {
    auto begun = store_.begin();
    if (!begun) return begun;
    return std::make_unique<HeldUpTransaction>(*std::move(begun), meanwhile_);
  }

 private:
  class HeldUpTransaction final : public PassedOnTransaction {
   public:
    HeldUpTransaction(std::unique_ptr<IngestTransaction> passed_to, const std::function<void()>& meanwhile)
        : PassedOnTransaction(std::move(passed_to)), meanwhile_(meanwhile) {}
    Result<void> commit() override {
      meanwhile_();
      return inner().commit();
    }

   private:
    const std::function<void()>& meanwhile_;
  };

  IngestStore& store_;
  const std::function<void()> meanwhile_;
};

TEST_P(SameTime, OfTwoWorkersAtOnceTheSecondWaitsAndGivesWay) {
  const auto others_store = installation->ingest_store();
  std::future<Result<IngestReport>> others;
  HeldUpStore held_up(*store, [&] {
    others = std::async(std::launch::async, [&] {
      LivePositions live;
      return ingest_batch(std::array{upload(fix_of(10))}, *others_store, live);
    });
    EXPECT_EQ(std::future_status::timeout, others.wait_for(std::chrono::milliseconds(200)));
  });
  LivePositions live;
  ASSERT_TRUE(ingest_batch(std::array{upload(fix_of(0))}, held_up, live));
  const auto refused = others.get();
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::overloaded, refused.error().code);
  ASSERT_TRUE(ingest({upload(fix_of(10), true)}));
  EXPECT_EQ((std::vector{at, at + microsecond}), times_of_messages());
  EXPECT_EQ("", differences());
}

INSTANTIATE_TEST_SUITE_P(Adapters, SameTime, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
