// What every ArchiveSource must do, and what questions find when it has dropped what an archive has.
#include "ports/archive_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "app/archive/archived_stores.h"
#include "app/archive/verify_archive.h"
#include "app/devices/erase_device.h"
#include "app/ingest/decode_upload.h"
#include "app/ingest/ingest_batch.h"
#include "app/questions/live_positions.h"
#include "tests/support/archives.h"
#include "tests/support/claims.h"
#include "tests/support/manual_clock.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

using Place = std::tuple<std::int64_t, std::int64_t, std::uint32_t>;  // device, received_at, ordinal

constexpr std::int64_t day_micros = 86'400'000'000;
constexpr std::int64_t hour_micros = day_micros / 24;
constexpr Day first_day{std::chrono::days(20'000)};
constexpr std::int64_t start = 20'000 * day_micros;

class ArchiveSourceContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  void commit_messages(const std::vector<KeptMessage>& messages) {
    commit(*ingest, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.keep(messages)); });
  }
  void commit_at(std::vector<std::int64_t> times) {
    std::vector<KeptMessage> messages;
    for (const std::int64_t time : times) messages.push_back(kept_message(1, time, 0, Verdict::accepted));
    commit_messages(messages);
  }
  KeepOriginals into_copied() {
    return [this](std::span<const Original> originals) -> Result<void> {
      pieces.push_back(originals.size());
      for (const auto& [device, message] : originals) {
        copied.emplace(device.value, microseconds_since_1970(message.received_at), message.ordinal);
      }
      return {};
    };
  }
  void copy_all(PieceLimits limits = {}) {
    for (int i = 0; source->backlog()->messages > 0; ++i) {
      ASSERT_LT(i, 100);
      const auto done = source->copy_next(limits, into_copied());
      ASSERT_TRUE(done) << done.error().detail;
      ASSERT_TRUE(*done);
    }
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> ingest = installation->ingest_store();
  std::unique_ptr<ArchiveSource> source = installation->archive_source();
  std::set<Place> copied;
  std::vector<std::size_t> pieces;
};

TEST_P(ArchiveSourceContract, HandsOverWhatWasCommittedAndThenNothing) {
  EXPECT_EQ(0, source->backlog()->messages);
  EXPECT_EQ(std::nullopt, source->backlog()->oldest);
  EXPECT_EQ(std::nullopt, source->archive_only_until().value());
  EXPECT_EQ(0, source->copy_next({}, into_copied()).value());
  commit_messages({kept_message(1, start + 5, 0, Verdict::accepted), kept_message(1, start + 5, 1, Verdict::invalid),
                   kept_message(1, start + day_micros, 0, Verdict::duplicate),
                   kept_message(2, start + 3, 0, Verdict::conflict)});
  EXPECT_EQ(4, source->backlog()->messages);
  EXPECT_EQ(server_time(start + 3), source->backlog()->oldest);
  EXPECT_EQ(4, source->copy_next({}, into_copied()).value());
  EXPECT_EQ((std::set<Place>{{1, start + 5, 0}, {1, start + 5, 1}, {1, start + day_micros, 0}, {2, start + 3, 0}}),
            copied);
  EXPECT_EQ(0, source->backlog()->messages);
  EXPECT_EQ(0, source->copy_next({}, into_copied()).value());
}

TEST_P(ArchiveSourceContract, HandsOverAMessageAsItIsKept) {
  commit_messages({kept_message(7, start, 3, Verdict::invalid, std::string_view("a\0b", 3), "is bad")});
  ASSERT_EQ(1, source
                   ->copy_next({},
                               [](std::span<const Original> originals) -> Result<void> {
                                 EXPECT_EQ(1U, originals.size());
                                 const auto& [device, message] = originals.front();
                                 EXPECT_EQ(DeviceNumber{7}, device);
                                 EXPECT_EQ(server_time(start), message.received_at);
                                 EXPECT_EQ(3U, message.ordinal);
                                 EXPECT_EQ(Transport::http_binary, message.transport);
                                 EXPECT_EQ(Verdict::invalid, message.verdict);
                                 EXPECT_EQ("is bad", message.reason);
                                 EXPECT_EQ(7U, message.hash);
                                 EXPECT_EQ(std::string_view("a\0b", 3), message.content);
                                 return {};
                               })
                   .value());
}

TEST_P(ArchiveSourceContract, WhatIsNotKeptStaysInTheBacklog) {
  commit_at({start, start + 1});
  const auto failed = source->copy_next({}, [](std::span<const Original>) { return fail(Errc::unavailable, "down"); });
  ASSERT_FALSE(failed);
  EXPECT_EQ("down", failed.error().detail);
  EXPECT_EQ(2, source->backlog()->messages);
  EXPECT_EQ(std::nullopt, source->copied_at(first_day).value());
  EXPECT_THROW(static_cast<void>(
                   source->copy_next({}, [](std::span<const Original>) -> Result<void> { throw std::bad_alloc(); })),
               std::bad_alloc);
  EXPECT_EQ(2, source->backlog()->messages);
  copy_all();
  EXPECT_EQ(2U, copied.size());
}

TEST_P(ArchiveSourceContract, MissesNothingThatIsCommittedLaterWheneverItArrived) {
  const auto slow_store = installation->ingest_store();
  auto slow = std::move(slow_store->begin().value());
  const KeptMessage early = kept_message(1, start + 10, 0, Verdict::accepted);
  ASSERT_TRUE(slow->keep(std::span(&early, 1)));
  commit_at({start + 5, start + 20});
  copy_all();
  EXPECT_EQ((std::set<Place>{{1, start + 5, 0}, {1, start + 20, 0}}), copied);
  ASSERT_TRUE(slow->commit());
  EXPECT_EQ(1, source->backlog()->messages);
  copy_all();
  EXPECT_TRUE(copied.contains({1, start + 10, 0}));
}

TEST_P(ArchiveSourceContract, ATransactionThatIsRolledBackLeavesNothing) {
  {
    auto transaction = std::move(ingest->begin().value());
    const KeptMessage message = kept_message(1, start, 0, Verdict::accepted);
    ASSERT_TRUE(transaction->keep(std::span(&message, 1)));
  }
  EXPECT_EQ(0, source->backlog()->messages);
}

TEST_P(ArchiveSourceContract, HandsOverInPieces) {
  std::vector<std::int64_t> times;
  for (std::int64_t i = 0; i < 1000; ++i) times.push_back(start + i * hour_micros / 10);
  commit_at(times);
  copy_all({.messages = 100, .bytes = 1 << 20});
  EXPECT_EQ(1000U, copied.size());
  EXPECT_GE(pieces.size(), 5U);
  for (const std::size_t piece : pieces) EXPECT_LE(piece, 164U) << "what was fetched together may be over";
  pieces.clear();
  EXPECT_EQ(240, source->copy_day(first_day, {.messages = 1000, .bytes = 320}, into_copied()).value());
  for (const std::size_t piece : pieces) EXPECT_LE(piece, 64U) << "of 5 bytes each";
}

TEST_P(ArchiveSourceContract, OneProcessAtATimeCopiesTheBacklog) {
  commit_at({start});
  const auto other = installation->archive_source();
  ASSERT_EQ(1, source
                   ->copy_next({},
                               [&](std::span<const Original>) -> Result<void> {
                                 EXPECT_EQ(std::nullopt, other->copy_next({}, into_copied()).value());
                                 return {};
                               })
                   .value());
  commit_at({start + 1});
  EXPECT_EQ(1, other->copy_next({}, into_copied()).value()) << "it is nobody's for ever";
}

TEST_P(ArchiveSourceContract, KnowsWhenADayWasCopied) {
  const Day second_day = first_day + std::chrono::days(1);
  commit_at({start, start + day_micros - 1});
  EXPECT_EQ(std::nullopt, source->copied_at(first_day).value());
  copy_all();
  const auto before = source->copied_at(first_day).value();
  ASSERT_TRUE(before);
  EXPECT_EQ(std::nullopt, source->copied_at(second_day).value());
  ASSERT_EQ(2, source->copy_day(first_day, {}, into_copied()).value());
  EXPECT_GT(source->copied_at(first_day).value(), before);
  commit_at({start + 5});
  EXPECT_EQ(std::nullopt, source->copied_at(first_day).value()) << "some of it waits";
}

class DroppedDays : public ArchiveSourceContract {
 protected:
  void SetUp() override {
    for (std::int64_t day = 0; day < 3; ++day) {
      for (std::int64_t i = 0; i < 7; ++i) {
        messages.push_back(kept_message(1, start + day * day_micros + i / 3, static_cast<std::uint32_t>(i),
                                        static_cast<Verdict>(i % 4), "bytes", i % 4 == 3 ? "is bad" : ""));
      }
    }
    commit_messages(messages);
    copy_to_archive();
  }
  void copy_to_archive() {
    const auto done =
        source->copy_next({}, [this](std::span<const Original> originals) { return archive->keep(originals); });
    ASSERT_TRUE(done) << done.error().detail;
  }
  DayProof proof_of(Day day) {
    const ServerTime later = std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()) +
                             std::chrono::hours(2);
    return prove_day(*audit, *source, *archive, day, later).value();
  }
  bool drop(Day day) {
    const DayProof proof = proof_of(day);
    EXPECT_TRUE(proof.proven) << proof.reason;
    const auto dropped = source->drop(proof.store, proof.copied_at);
    EXPECT_TRUE(dropped) << dropped.error().detail;
    return dropped.value_or(false);
  }
  std::unique_ptr<MessageReader> reader() {
    return make_archived_message_reader(installation->message_reader(), installation->archive_source(),
                                        std::move(make_clickhouse_archive(clickhouse.options()).value()));
  }
  std::vector<std::pair<std::int64_t, std::uint32_t>> walk(MessageReader& reader, std::optional<Verdict> verdict,
                                                           std::size_t limit) {
    const auto forwards = walk(reader, verdict, {limit, TimeOrder::oldest_first});
    auto backwards = walk(reader, verdict, {limit, TimeOrder::newest_first});
    std::reverse(backwards.begin(), backwards.end());
    EXPECT_EQ(forwards, backwards);
    return forwards;
  }
  std::vector<std::pair<std::int64_t, std::uint32_t>> walk(MessageReader& reader, std::optional<Verdict> verdict,
                                                           Paging paging) {
    std::vector<std::pair<std::int64_t, std::uint32_t>> met;
    for (MessageSpan span;;) {
      const auto page = reader.messages(DeviceNumber{1}, verdict, span, paging);
      EXPECT_TRUE(page) << page.error().detail;
      if (!page || page->empty()) return met;
      EXPECT_LE(page->size(), paging.limit);
      for (const StoredMessage& each : *page) {
        met.emplace_back(microseconds_since_1970(each.received_at), each.ordinal);
      }
      (paging.is_backwards() ? span.before : span.after) = cursor_of(page->back());
    }
  }
  bool all_equal() {
    const auto days = compare_days(*audit, *source, *archive, {first_day, first_day + std::chrono::days(9)}).value();
    return std::all_of(days.begin(), days.end(), [](const DayComparison& each) { return each.equal(); });
  }

  std::vector<KeptMessage> messages;
  std::unique_ptr<AuditStore> audit = installation->audit_store();
  ClickhouseInstallation clickhouse;
  std::unique_ptr<Archive> archive = std::move(make_clickhouse_archive(clickhouse.options()).value());
};

TEST_P(DroppedDays, AreEqualAfterTheErasureOfADevice) {
  const std::vector<KeptMessage> of_others = {kept_message(2, start, 0, Verdict::accepted),
                                              kept_message(2, start + day_micros, 5, Verdict::accepted)};
  commit_messages(of_others);
  copy_to_archive();
  ASSERT_TRUE(drop(first_day));
  ingest = installation->ingest_store();  // the other knows nothing of the drop, and would fail once
  commit_messages({kept_message(1, start + hour_micros, 0, Verdict::accepted)});  // late, of the day that was dropped
  const auto registry = installation->device_registry();
  std::vector<NewDevice> devices;
  for (const char* id : {"a", "b"}) devices.push_back({DeviceId::from_text(id).value(), hash_of_token(id)});
  ASSERT_TRUE(registry->add(devices, server_time(1)));
  const auto eraser = installation->device_eraser();
  ASSERT_TRUE(eraser->begin(DeviceNumber{1}, server_time(5)));
  const DayProof proof = proof_of(first_day + std::chrono::days(1));
  EXPECT_EQ(Errc::conflict, source->drop(proof.store, proof.copied_at).error().code) << "not while one is being erased";
  for (int again = 0; again < 2; ++again) {
    const auto left = erase_device(DeviceNumber{1}, server_time(5), {*eraser, audit.get(), source.get(), archive.get()},
                                   [](std::int64_t) {});
    ASSERT_TRUE(left) << left.error().detail;
    EXPECT_EQ(0, sum_of(*left));
    EXPECT_EQ("archive", left->back().part);
    EXPECT_EQ(1, source->dropped({first_day, first_day + std::chrono::days(1)})->at(0).messages);
    EXPECT_TRUE(all_equal());
  }
  copy_to_archive();  // what is listed may be of the device alone
  EXPECT_EQ(0, archive->count(DeviceNumber{1}).value());
  EXPECT_EQ(2, archive->count(DeviceNumber{2}).value());
  EXPECT_TRUE(drop(first_day + std::chrono::days(1)));
  EXPECT_TRUE(all_equal());
}

TEST_P(DroppedDays, QuestionsFindEachMessageOnceWhereverItIs) {
  const auto before = installation->message_reader();
  const auto store = reader();
  std::vector<std::vector<std::pair<std::int64_t, std::uint32_t>>> want;
  const std::optional<Verdict> verdicts[] = {std::nullopt, Verdict::accepted, Verdict::invalid};
  for (const auto& verdict : verdicts) want.push_back(walk(*before, verdict, 100));
  ASSERT_EQ(21U, want[0].size());
  for (int dropped = 0; dropped <= 2; ++dropped) {
    if (dropped > 0) {
      ASSERT_TRUE(drop(first_day + std::chrono::days(dropped - 1)));
    }
    EXPECT_EQ(21U - 7 * static_cast<std::size_t>(dropped), walk(*before, std::nullopt, 100).size());
    for (std::size_t i = 0; i < want.size(); ++i) {
      for (const std::size_t limit : {1U, 4U, 100U}) EXPECT_EQ(want[i], walk(*store, verdicts[i], limit)) << limit;
    }
    EXPECT_TRUE(all_equal()) << "what was dropped is remembered";
  }
  EXPECT_EQ(server_time(start + 2 * day_micros), source->archive_only_until().value());
  EXPECT_EQ(7U, source->dropped({first_day, first_day + std::chrono::days(1)})->at(0).messages);
  clickhouse.run("TRUNCATE TABLE messages");
  EXPECT_FALSE(all_equal()) << "and missed, when the archive loses it";
}

TEST_P(DroppedDays, WithoutTheArchiveNobodySaysThatThereIsNothing) {
  ASSERT_TRUE(drop(first_day));
  const auto store =
      make_archived_message_reader(installation->message_reader(), installation->archive_source(),
                                   std::move(make_clickhouse_archive({.url = "http://127.0.0.1:1/x"}).value()));
  const auto old = store->messages(DeviceNumber{1}, std::nullopt, {}, 9);
  ASSERT_FALSE(old);
  EXPECT_EQ(Errc::unavailable, old.error().code);
  EXPECT_EQ(
      7U,
      store->messages(DeviceNumber{1}, std::nullopt, MessageCursor{server_time(start + 2 * day_micros), 0}, 9)->size() +
          1)
      << "what the store has is answered";
}

TEST_P(DroppedDays, AMessageThatComesAfterTheProofKeepsItsDay) {
  const DayProof proof = proof_of(first_day);
  ASSERT_TRUE(proof.proven);
  commit_at({start + 50});
  EXPECT_FALSE(source->drop(proof.store, proof.copied_at).value()) << "it waits";
  copy_to_archive();
  EXPECT_FALSE(source->drop(proof.store, proof.copied_at).value()) << "it was copied since";
  EXPECT_EQ(22U, walk(*installation->message_reader(), std::nullopt, 100).size());
  EXPECT_TRUE(drop(first_day));
}

TEST_P(DroppedDays, AMessageThatComesAfterTheDropIsKeptAndCanBeDroppedToo) {
  ASSERT_TRUE(drop(first_day));
  {
    auto transaction = std::move(ingest->begin().value());
    const KeptMessage late = kept_message(1, start + 50, 0, Verdict::accepted);
    EXPECT_FALSE(transaction->keep(std::span(&late, 1))) << "it had a place, as far as this worker knows";
  }
  commit_at({start + 50});  // when it comes again
  EXPECT_FALSE(proof_of(first_day).proven);
  const auto store = reader();
  EXPECT_EQ(22U, walk(*store, std::nullopt, 4).size());
  copy_to_archive();
  EXPECT_TRUE(all_equal());
  EXPECT_EQ(22U, walk(*store, std::nullopt, 4).size());
  ASSERT_TRUE(drop(first_day));
  EXPECT_EQ(8, source->dropped({first_day, first_day + std::chrono::days(1)})->at(0).messages);
  EXPECT_TRUE(all_equal());
  EXPECT_EQ(22U, walk(*store, std::nullopt, 4).size());
}

/// Of a device of its own, in the third day.
Upload fix_of(std::int64_t device, std::int64_t second, bool redelivered) {
  Upload made{.device = DeviceNumber{device},
              .received_at = server_time(start + 2 * day_micros),
              .transport = Transport::http_json,
              .body = R"({"type":"track","status":1,"timestamp":)" + std::to_string(start / 1'000'000 + second) +
                      R"(,"lat":48.5,"lon":44.5})",
              .redelivered = redelivered};
  EXPECT_TRUE(decode_upload(made, {}));
  return made;
}

TEST_P(DroppedDays, AMessageThatComesAgainAfterTheDropIsFoundInTheArchive) {
  const Day third_day = first_day + std::chrono::days(2);
  LivePositions live;
  ASSERT_TRUE(ingest_batch(std::array{fix_of(5, 0, false)}, *ingest, live));
  copy_to_archive();
  for (const Day day : {first_day, first_day + std::chrono::days(1), third_day}) ASSERT_TRUE(drop(day));
  ManualClock clock(server_time(start + 3 * day_micros));
  const auto archived =
      make_archived_ingest_store(installation->ingest_store(), installation->archive_source(),
                                 std::move(make_clickhouse_archive(clickhouse.options()).value()), clock);
  for (int again = 0; again < 2; ++again) {
    const auto refused = ingest_batch(std::array{fix_of(5, 0, false)}, *archived, live);
    ASSERT_FALSE(refused);
    EXPECT_EQ(Errc::overloaded, refused.error().code);
    EXPECT_EQ(0U, ingest_batch(std::array{fix_of(5, 0, true)}, *archived, live)->messages);
    // Another one that came at the same time has a key of its own.
    EXPECT_EQ(again == 0 ? 1U : 0U, ingest_batch(std::array{fix_of(5, 60, true)}, *archived, live)->messages);
  }
  copy_to_archive();
  EXPECT_TRUE(all_equal());
  const auto found = reader()->messages(DeviceNumber{5}, std::nullopt, {}, 9).value();
  ASSERT_EQ(2U, found.size());
  EXPECT_EQ(Verdict::accepted, found[0].verdict);
  EXPECT_EQ(Verdict::accepted, found[1].verdict);
  EXPECT_EQ(server_time(start + 2 * day_micros + 1), found[1].received_at);
}

TEST_P(DroppedDays, ADayThatTheArchiveLostIsNotProvenUntilItIsCopiedAgain) {
  clickhouse.run("TRUNCATE TABLE messages");
  EXPECT_FALSE(proof_of(first_day).proven);
  const auto again =
      source->copy_day(first_day, {}, [this](std::span<const Original> originals) { return archive->keep(originals); });
  EXPECT_EQ(7, again.value());
  EXPECT_TRUE(proof_of(first_day).proven);
}

INSTANTIATE_TEST_SUITE_P(Adapters, ArchiveSourceContract, testing::ValuesIn(archived_store_adapters()),
                         name_of_adapter);
INSTANTIATE_TEST_SUITE_P(Adapters, DroppedDays, testing::ValuesIn(archived_store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
