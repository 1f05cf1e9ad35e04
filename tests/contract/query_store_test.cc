// What every QueryStore and MessageReader must do. They are filled through the IngestStore of the same adapter.
#include "ports/query_store.h"

#include <gtest/gtest.h>

#include <algorithm>
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
  std::vector<std::pair<std::int64_t, std::uint32_t>> cursors(std::optional<Verdict> verdict, const MessageSpan& span,
                                                              Paging page) {
    std::vector<std::pair<std::int64_t, std::uint32_t>> found;
    const auto messages = reader->messages(dog, verdict, span, page).value();
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
    auto all = query->fixes(dog, c.range, 9).value();
    std::reverse(all.begin(), all.end());
    all.resize(std::min(all.size(), c.limit));
    EXPECT_EQ(all, query->fixes(dog, c.range, {c.limit, TimeOrder::newest_first}).value());
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
  EXPECT_EQ((Places{{20, 0}}), cursors(Verdict::invalid, MessageCursor{server_time(10), 3}, 9));
  EXPECT_EQ((Places{{20, 3}}), cursors(Verdict::accepted, MessageCursor{server_time(10), 0}, 9));
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

/// Where the next page begins.
void go_behind(MessageSpan& span, const StoredMessage& last, TimeOrder order) {
  (order == TimeOrder::oldest_first ? span.after : span.before) = cursor_of(last);
}

TEST_P(QueryStoreContract, PagesThroughMessagesBothWaysAndThoseThatComeMeanwhileMoveNone) {
  const auto keep_at = [&](std::int64_t received_at) {
    keep({kept_message(1, received_at, 0, Verdict::accepted), kept_message(1, received_at, 1, Verdict::invalid),
          kept_message(1, received_at, 2, Verdict::accepted)});
  };
  for (std::int64_t i = 0; i < 6; ++i) keep_at(100 + 10 * i);
  for (const auto verdict :
       {std::optional<Verdict>(), std::optional(Verdict::accepted), std::optional(Verdict::invalid)}) {
    for (const TimeOrder order : {TimeOrder::oldest_first, TimeOrder::newest_first}) {
      const bool is_backwards = order == TimeOrder::newest_first;
      auto want = cursors(verdict, {}, 99);
      if (is_backwards) std::reverse(want.begin(), want.end());
      std::vector<std::pair<std::int64_t, std::uint32_t>> met;
      MessageSpan span;
      for (auto page = reader->messages(dog, verdict, span, {4, order}).value(); !page.empty();
           page = reader->messages(dog, verdict, span, {4, order}).value()) {
        if (met.empty())
          keep_at(is_backwards ? 1000 + static_cast<std::int64_t>(want.size())
                               : 10 + static_cast<std::int64_t>(want.size()));
        EXPECT_LE(page.size(), 4U);
        for (const StoredMessage& each : page)
          met.emplace_back(microseconds_since_1970(each.received_at), each.ordinal);
        go_behind(span, page.back(), order);
      }
      EXPECT_EQ(want, met);
    }
  }
}

TEST_P(QueryStoreContract, FindsTheMessagesThatArrivedInAHalfOpenRange) {
  keep({kept_message(1, 10, 0, Verdict::accepted), kept_message(1, 10, 7, Verdict::invalid),
        kept_message(1, 20, 0, Verdict::accepted), kept_message(1, 30, 0, Verdict::accepted)});
  using Places = std::vector<std::pair<std::int64_t, std::uint32_t>>;
  const auto span = [](std::int64_t from, std::int64_t until) {
    return MessageSpan::of_arrival(server_time(from), server_time(until));
  };
  EXPECT_EQ((Places{{10, 0}, {10, 7}, {20, 0}}), cursors(std::nullopt, span(10, 30), 9))
      << "from is in it, until is not";
  EXPECT_EQ((Places{{20, 0}, {30, 0}}), cursors(std::nullopt, span(11, 31), 9));
  EXPECT_EQ((Places{{10, 7}}), cursors(Verdict::invalid, span(10, 11), 9));
  EXPECT_EQ((Places{{20, 0}, {10, 0}}), cursors(Verdict::accepted, span(10, 21), {9, TimeOrder::newest_first}));
  EXPECT_EQ((Places{}), cursors(std::nullopt, span(20, 20), 9));
  EXPECT_EQ((Places{}), cursors(std::nullopt, span(30, 10), 9));
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

TEST_P(QueryStoreContract, ListsDevicesByTheBytesOfTheirIds) {
  const auto registry = installation->device_registry();
  std::vector<NewDevice> added;
  for (const char* id : {"rex", "Rex", "rex-2", "rex_3", "re", "bob", "zoe", "Ada", "9", "gone", "erased", "going"}) {
    added.push_back({DeviceId::from_text(id).value(), hash_of_token(id)});
  }
  ASSERT_TRUE(registry->add(added, server_time(5)));
  ASSERT_TRUE(registry->remove(DeviceId::from_text("gone").value(), server_time(6)));
  const auto eraser = installation->device_eraser();
  for (const char* id : {"erased", "going"}) {
    const DeviceNumber number = eraser->find(DeviceId::from_text(id).value()).value();
    ASSERT_TRUE(eraser->begin(number, server_time(7)));
    if (id == std::string("erased")) {
      ASSERT_TRUE(eraser->end(number, server_time(8)));
    }
  }
  const auto ids = [&](std::string_view prefix, std::string_view after, std::size_t limit) {
    std::vector<std::string> found;
    const auto listed = query->devices(prefix, after, limit).value();
    for (const ListedDevice& each : listed) found.push_back(each.device.id.text());
    return found;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ((Ids{"9", "Ada", "Rex", "bob", "gone", "re", "rex", "rex-2", "rex_3", "zoe"}), ids("", "", 99));
  EXPECT_EQ((Ids{"rex", "rex-2", "rex_3"}), ids("rex", "", 99)) << "and not Rex";
  EXPECT_EQ((Ids{"rex-2"}), ids("rex", "rex", 1));
  EXPECT_EQ((Ids{"re"}), ids("re", "", 1));
  EXPECT_EQ((Ids{}), ids("rex", "rex_3", 9));
  EXPECT_EQ((Ids{}), ids("%", "", 9)) << "no sign stands for others";
  EXPECT_EQ((Ids{}), ids("", "", 0));
  Ids met;
  for (Ids page = ids("", "", 3); !page.empty(); page = ids("", met.back(), 3)) {
    met.insert(met.end(), page.begin(), page.end());
  }
  EXPECT_EQ(ids("", "", 99), met);
}

TEST_P(QueryStoreContract, ListsADeviceWithTheTimesThatAreKnownOfIt) {
  const auto registry = installation->device_registry();
  const NewDevice rex{DeviceId::from_text("rex").value(), hash_of_token("rex")};
  ASSERT_TRUE(registry->add({&rex, 1}, server_time(5)));
  const auto fresh = query->devices("", "", 9).value();
  ASSERT_EQ(1U, fresh.size());
  EXPECT_EQ(server_time(5), fresh[0].device.created_at);
  EXPECT_EQ(std::nullopt, fresh[0].device.removed_at);
  EXPECT_EQ(std::nullopt, fresh[0].last_seen);
  const CurrentState state{.device = fresh[0].device.number, .last_seen = server_time(9)};
  commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.put({&state, 1})); });
  ASSERT_TRUE(registry->remove(rex.id, server_time(12)));
  const auto known = query->devices("", "", 9).value();
  ASSERT_EQ(1U, known.size());
  EXPECT_EQ(server_time(12), known[0].device.removed_at);
  EXPECT_EQ(server_time(9), known[0].last_seen);
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
