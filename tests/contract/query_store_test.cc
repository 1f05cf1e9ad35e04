// What every QueryStore and MessageReader must do. They are filled through the IngestStore of the same adapter.
#include "ports/query_store.h"

#include <gtest/gtest.h>

#include <limits>
#include <thread>

#include "base/work_limits.h"
#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

constexpr DeviceNumber dog{1};

TimeRange range(std::int64_t from, std::int64_t until) { return {device_time(from), device_time(until)}; }

class QueryStoreContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  /// Fixes and samples of two devices at 100, 200 and 300 s, those of the second in between.
  void claim_some() {
    commit(*ingest, [](IngestTransaction& transaction) {
      for (const std::int64_t seconds : {300, 100, 200}) {
        EXPECT_TRUE(claim_one(transaction, fix_claim(1, seconds)).won);
        EXPECT_TRUE(claim_one(transaction, sample_claim(1, seconds)).won);
        EXPECT_TRUE(claim_one(transaction, fix_claim(2, seconds + 50)).won);
        EXPECT_TRUE(claim_one(transaction, sample_claim(2, seconds + 50)).won);
      }
    });
  }

  void keep(const std::vector<KeptMessage>& messages) {
    commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.keep(messages)); });
  }

  /// (received_at, ordinal) of the messages that are found.
  std::vector<std::pair<std::int64_t, std::uint32_t>> cursors(std::optional<Verdict> verdict, MessageCursor after,
                                                              std::size_t limit) {
    std::vector<std::pair<std::int64_t, std::uint32_t>> found;
    const auto messages = reader->messages(dog, verdict, after, limit).value();
    for (const StoredMessage& message : messages) {
      EXPECT_TRUE(!verdict || *verdict == message.verdict);
      found.emplace_back(microseconds_since_1970(message.received_at), message.ordinal);
    }
    return found;
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();
  std::unique_ptr<QueryStore> query = installation->query_store();
  std::unique_ptr<MessageReader> reader = installation->message_reader();
};

TEST_P(QueryStoreContract, ReadsHalfOpenRangesOldestFirst) {
  claim_some();
  struct Case {
    const char* name;
    TimeRange range;
    std::size_t limit;
    std::vector<std::int64_t> want;
  };
  const Case cases[] = {
      {"all", range(0, 999), 9, {100, 200, 300}},
      {"from is included", range(100, 101), 9, {100}},
      {"until is excluded", range(0, 100), 9, {}},
      {"both", range(100, 300), 9, {100, 200}},
      {"limit keeps the oldest", range(0, 999), 2, {100, 200}},
      {"no limit but the type's", range(0, 999), static_cast<std::size_t>(-1), {100, 200, 300}},
      {"limit 0", range(0, 999), 0, {}},
      {"all times that there are", range(std::numeric_limits<std::int32_t>::min(), 2'147'483'648), 9, {100, 200, 300}},
      {"empty range", range(200, 200), 9, {}},
      {"turned round", range(300, 100), 9, {}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    std::vector<Fix> fixes;
    std::vector<Sample> samples;
    for (const std::int64_t seconds : c.want) {
      fixes.push_back(fix_at(seconds));
      samples.push_back(sample_at(seconds));
    }
    EXPECT_EQ(fixes, query->fixes(dog, c.range, c.limit).value());
    EXPECT_EQ(samples, query->samples(dog, c.range, c.limit).value());
  }
  EXPECT_TRUE(query->fixes(DeviceNumber{3}, range(0, 999), 9).value().empty());
}

TEST_P(QueryStoreContract, FindsTheMessagesOfEachVerdictAndOfAll) {
  keep({kept_message(1, 10, 0, Verdict::accepted), kept_message(1, 10, 1, Verdict::duplicate),
        kept_message(1, 10, 2, Verdict::conflict), kept_message(1, 10, 3, Verdict::invalid, "x", "is bad"),
        kept_message(1, 20, 0, Verdict::invalid, "x", "is bad"), kept_message(1, 20, 1, Verdict::conflict),
        kept_message(1, 20, 2, Verdict::duplicate), kept_message(1, 20, 3, Verdict::accepted),
        kept_message(2, 15, 0, Verdict::accepted), kept_message(2, 15, 1, Verdict::invalid)});
  using Places = std::vector<std::pair<std::int64_t, std::uint32_t>>;
  EXPECT_EQ((Places{{10, 0}, {20, 3}}), cursors(Verdict::accepted, {}, 9));
  EXPECT_EQ((Places{{10, 1}, {20, 2}}), cursors(Verdict::duplicate, {}, 9));
  EXPECT_EQ((Places{{10, 2}, {20, 1}}), cursors(Verdict::conflict, {}, 9));
  EXPECT_EQ((Places{{10, 3}, {20, 0}}), cursors(Verdict::invalid, {}, 9));
  EXPECT_EQ(8u, cursors(std::nullopt, {}, 9).size());
  EXPECT_EQ((Places{{20, 0}}), cursors(Verdict::invalid, {server_time(10), 3}, 9));
  EXPECT_EQ((Places{{20, 3}}), cursors(Verdict::accepted, {server_time(10), 0}, 9));
  EXPECT_EQ((Places{{10, 2}}), cursors(Verdict::conflict, {}, 1));
}

TEST_P(QueryStoreContract, PagesThroughMessagesThatCameTogether) {
  std::vector<KeptMessage> kept;
  std::vector<std::pair<std::int64_t, std::uint32_t>> all;
  for (const std::int64_t received_at : {10, 20}) {
    for (std::uint32_t ordinal = 0; ordinal < 7; ++ordinal) {
      kept.push_back(kept_message(1, received_at, ordinal, ordinal % 2 == 0 ? Verdict::accepted : Verdict::duplicate));
      all.emplace_back(received_at, ordinal);
    }
  }
  keep(kept);
  for (const std::size_t limit : {1U, 3U, 7U, 100U}) {
    std::vector<std::pair<std::int64_t, std::uint32_t>> met;
    MessageCursor after;
    for (auto page = cursors(std::nullopt, after, limit); !page.empty(); page = cursors(std::nullopt, after, limit)) {
      EXPECT_LE(page.size(), limit);
      met.insert(met.end(), page.begin(), page.end());
      after = {server_time(page.back().first), page.back().second};
    }
    EXPECT_EQ(all, met) << limit;
  }
}

TEST_P(QueryStoreContract, EndsAPageOfLargeMessagesWithTheOneThatFillsIt) {
  const std::string large(message_page_bytes / 4, 'x');
  const std::string huge(message_page_bytes + 1, 'x');
  std::vector<KeptMessage> kept;
  std::vector<std::int64_t> all;
  const auto add = [&](std::int64_t received_at, const std::string& content) {
    kept.push_back(kept_message(1, received_at, 0, Verdict::invalid, content, "is bad"));
    all.push_back(received_at);
  };
  for (std::int64_t i = 0; i < 3; ++i) add(10 + i, large);
  for (std::int64_t i = 0; i < 3; ++i) add(20 + i, huge);
  for (std::int64_t i = 0; i < 9; ++i) add(30 + i, large);
  keep(kept);
  const auto audit = installation->audit_store();
  const auto snapshot = std::move(audit->snapshot(dog).value());
  const std::function<Result<std::vector<StoredMessage>>(MessageCursor)> reads[] = {
      [&](MessageCursor after) { return reader->messages(dog, std::nullopt, after, 10'000); },
      [&](MessageCursor after) { return reader->messages(dog, Verdict::invalid, after, 10'000); },
      [&](MessageCursor after) { return snapshot->messages(after, 10'000); },
  };
  for (const auto& read : reads) {
    std::vector<std::int64_t> met;
    MessageCursor after;
    for (auto page = read(after).value(); !page.empty(); page = read(after).value()) {
      std::size_t before_last = 0;
      for (const StoredMessage& message : page) {
        EXPECT_LT(before_last, message_page_bytes);
        before_last += message.content.size();
        met.push_back(microseconds_since_1970(message.received_at));
      }
      after = {page.back().received_at, page.back().ordinal};
    }
    EXPECT_EQ(all, met);
  }
  EXPECT_TRUE(reader->messages(dog, Verdict::accepted, {}, 10'000).value().empty());
}

TEST_P(QueryStoreContract, ReadsNothingForWhoIsGoneOrWhoseTimeIsOver) {
  claim_some();
  std::stop_source caller;
  {
    const LimitedWork gone({.gone = caller.get_token()});
    EXPECT_TRUE(query->fixes(dog, range(0, 999), 9));
    caller.request_stop();
    EXPECT_EQ(Errc::unavailable, query->fixes(dog, range(0, 999), 9).error().code);
    EXPECT_EQ(Errc::unavailable, query->state(dog).error().code);
  }
  {
    const LimitedWork late({.deadline = std::chrono::steady_clock::now()});
    EXPECT_EQ(Errc::unavailable, query->tracks(dog, range(0, 999), 9).error().code);
  }
  EXPECT_EQ(3U, query->fixes(dog, range(0, 999), 9).value().size()) << "others are answered as ever";
}

TEST_P(QueryStoreContract, TellsEachLastPositionInTheOrderOfNumbers) {
  CurrentState bare{.device = DeviceNumber{2}, .last_fix = fix_at(200)};
  bare.last_fix->altitude = bare.last_fix->accuracy = MaybeMeters();
  const std::array states = {CurrentState{.device = DeviceNumber{30}, .last_fix = fix_at(100, -90, -180)}, bare,
                             CurrentState{.device = DeviceNumber{4}, .counts = {.samples = 1}}};
  commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.put(states)); });
  std::vector<DevicePosition> met;
  ASSERT_TRUE(query->each_position([&](const DevicePosition& position) { met.push_back(position); }));
  EXPECT_EQ((std::vector{DevicePosition{DeviceNumber{2}, *bare.last_fix},
                         DevicePosition{DeviceNumber{30}, *states[0].last_fix}}),
            met);
}

TEST_P(QueryStoreContract, KnowsNothingOfADeviceThatWasNeverHeard) {
  EXPECT_EQ(CurrentState{.device = DeviceNumber{9}}, query->state(DeviceNumber{9}).value());
  EXPECT_TRUE(reader->messages(DeviceNumber{9}, std::nullopt, {}, 9).value().empty());
}

TEST_P(QueryStoreContract, AnswersSeveralThreadsWhileIngestWrites) {
  claim_some();
  const auto want = query->fixes(dog, range(0, 999), 9).value();
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(want, query->fixes(dog, range(0, 999), 9).value());
        EXPECT_TRUE(query->state(dog));
        EXPECT_TRUE(query->each_position([&](const DevicePosition& position) { EXPECT_EQ(dog, position.device); }));
      }
    });
  }
  for (std::int64_t i = 0; i < 20; ++i) {
    const CurrentState state{.device = dog, .last_fix = fix_at(1000 + i)};
    commit(*ingest, [&](IngestTransaction& transaction) {
      EXPECT_TRUE(claim_one(transaction, fix_claim(1, 1000 + i)).won);
      EXPECT_TRUE(transaction.put(std::span(&state, 1)));
    });
  }
  threads.clear();  // joins
  EXPECT_EQ(23u, query->fixes(dog, range(0, 9999), 99).value().size());
}

INSTANTIATE_TEST_SUITE_P(Adapters, QueryStoreContract, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
