// Copying to the archive, proving what is in it, and asking both sides, with sides that a test makes up.
#include <gtest/gtest.h>

#include <utility>

#include "app/archive/archived_stores.h"
#include "app/archive/copy_to_archive.h"
#include "app/archive/verify_archive.h"

namespace packwalk {
namespace {

constexpr Day some_day{std::chrono::days(20'000)};
constexpr ServerTime noon = some_day + std::chrono::hours(12);

StoredMessage message_at(std::int64_t received_at, std::uint32_t ordinal = 0) {
  return {.received_at = server_time(received_at), .ordinal = ordinal};
}

std::vector<StoredMessage> messages_at(std::initializer_list<std::int64_t> times) {
  std::vector<StoredMessage> messages;
  for (const std::int64_t time : times) messages.push_back(message_at(time));
  return messages;
}

std::vector<std::int64_t> times_of(const std::vector<StoredMessage>& messages) {
  std::vector<std::int64_t> times;
  times.reserve(messages.size());
  for (const StoredMessage& message : messages) times.push_back(microseconds_since_1970(message.received_at));
  return times;
}

TEST(MergedPage, HasEachMessageOnceAsFarAsBothSidesAreKnown) {
  struct Case {
    const char* name;
    std::vector<StoredMessage> store;
    std::vector<StoredMessage> archive;
    std::size_t limit;
    std::vector<std::int64_t> want;
  };
  const Case cases[] = {
      {"nothing", {}, {}, 9, {}},
      {"only the archive has them", {}, messages_at({1, 2}), 9, {1, 2}},
      {"only the store has them", messages_at({1, 2}), {}, 9, {1, 2}},
      {"both have them", messages_at({1, 2}), messages_at({1, 2}), 9, {1, 2}},
      {"the archive's page ends early", messages_at({3, 5, 7}), messages_at({1, 2, 4}), 9, {1, 2, 3, 4}},
      {"the store's page ends early", messages_at({2}), messages_at({1, 3}), 9, {1, 2}},
      {"limit", messages_at({3, 4}), messages_at({1, 2, 5}), 2, {1, 2}},
  };
  for (const Case& c : cases) EXPECT_EQ(c.want, times_of(merged_page(c.store, c.archive, c.limit))) << c.name;
}

TEST(MergedPage, PagesThroughAllWhateverIsOnWhichSide) {
  // Bit 1: in the store, bit 2: in the archive.
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::vector<std::int64_t> store;
    std::vector<std::int64_t> archive;
    std::vector<std::int64_t> all;
    unsigned state = seed * 2654435761U + 1;
    for (std::int64_t time = 1; time <= 20; ++time) {
      state = state * 1664525U + 1013904223U;
      const unsigned where = state >> 30;
      if ((where & 1) != 0) store.push_back(time);
      if ((where & 2) != 0) archive.push_back(time);
      if (where != 0) all.push_back(time);
    }
    const auto page_of = [](const std::vector<std::int64_t>& times, std::int64_t after, std::size_t limit) {
      std::vector<StoredMessage> page;
      for (const std::int64_t time : times) {
        if (time > after && page.size() < limit) page.push_back(message_at(time));
      }
      return page;
    };
    std::vector<std::int64_t> met;
    for (std::int64_t after = 0;;) {
      const auto page = times_of(merged_page(page_of(store, after, 3), page_of(archive, after, 2), 3));
      if (page.empty()) break;
      met.insert(met.end(), page.begin(), page.end());
      after = page.back();
    }
    EXPECT_EQ(all, met) << seed;
    const auto last_of = [](const std::vector<std::int64_t>& times, std::int64_t before, std::size_t limit) {
      std::vector<StoredMessage> page;
      for (auto time = times.rbegin(); time != times.rend() && page.size() < limit; ++time) {
        if (*time < before) page.push_back(message_at(*time));
      }
      return page;
    };
    std::vector<std::int64_t> backwards;
    for (std::int64_t before = 99;;) {
      const auto page =
          times_of(merged_page(last_of(store, before, 3), last_of(archive, before, 2), {3, TimeOrder::newest_first}));
      if (page.empty()) break;
      backwards.insert(backwards.begin(), page.rbegin(), page.rend());
      before = page.back();
    }
    EXPECT_EQ(all, backwards) << seed;
  }
}

/// Whichever side a test wants, with what it sets.
class FakeSides final : public ArchiveSource, public AuditStore, public Archive {
 public:
  Result<ArchiveBacklog> backlog() override { return ArchiveBacklog{waiting, oldest}; }
  Result<std::optional<std::int64_t>> copy_next(PieceLimits, const KeepOriginals& hand_over) override {
    ++rounds;
    if (!alone) return std::optional<std::int64_t>();
    const std::vector<Original> originals(static_cast<std::size_t>(waiting));
    if (auto done = hand_over(originals); !done) return done.failure();
    return std::optional(std::exchange(waiting, 0));
  }
  Result<std::int64_t> copy_day(Day, PieceLimits, const KeepOriginals&) override { return 0; }
  Result<std::optional<ServerTime>> copied_at(Day) override { return copied; }
  Result<std::optional<ServerTime>> archive_only_until() override { return only_until; }
  Result<std::vector<Day>> days() override { return std::vector<Day>(); }
  Result<bool> drop(const DayDigest&, ServerTime) override { return false; }
  Result<std::vector<DayDigest>> dropped(DayRange) override { return in_neither; }
  Result<void> wait_for_copies() override { return {}; }
  Result<std::vector<DeviceNumber>> erased() override { return std::vector<DeviceNumber>(); }
  Result<void> take_off_dropped(DeviceNumber, std::span<const DayDigest>) override { return {}; }

  Result<std::vector<std::string>> faults() override { return std::vector<std::string>(); }
  Result<KeptSince> kept_since() override { return KeptSince(); }
  Result<std::optional<AuditedDevice>> next_device(std::int64_t) override { return std::optional<AuditedDevice>(); }
  Result<std::unique_ptr<DeviceSnapshot>> snapshot(DeviceNumber) override { return fail(Errc::not_found, ""); }

  Result<void> keep(std::span<const Original> originals) override {
    if (!archive_answers) return fail(Errc::unavailable, "it is down");
    kept += static_cast<std::int64_t>(originals.size());
    return {};
  }
  Result<std::vector<StoredMessage>> messages(DeviceNumber, std::optional<Verdict>, const MessageSpan&,
                                              Paging) override {
    return std::vector<StoredMessage>();
  }
  Result<std::vector<Original>> originals(std::span<const OriginalKey>) override { return std::vector<Original>(); }
  Result<std::vector<DayDigest>> digests(DayRange) override { return of_days; }
  Result<std::vector<DayDigest>> digests(DayRange, DeviceNumber) override { return of_days; }
  Result<void> erase(DeviceNumber) override { return {}; }
  Result<std::int64_t> count(DeviceNumber) override { return 0; }

  std::int64_t waiting = 0;
  std::optional<ServerTime> oldest;
  std::optional<ServerTime> only_until;
  bool alone = true;
  bool archive_answers = true;
  int rounds = 0;
  std::int64_t kept = 0;
  std::optional<ServerTime> copied;
  std::vector<DayDigest> in_neither;
  std::vector<DayDigest> of_days;
};

struct Fakes {
  FakeSides source;
  FakeSides store;
  FakeSides archive;
};

TEST(CopyToArchive, WaitsUntilThereIsEnoughOrItIsOld) {
  Fakes fakes;
  CopyToArchive copying(fakes.source, fakes.archive, {{.messages = 100}, std::chrono::seconds(60)});
  const auto step = [&](std::int64_t waiting, std::int64_t age_seconds) {
    fakes.source.waiting = waiting;
    fakes.source.oldest = noon - std::chrono::seconds(age_seconds);
    const int before = fakes.source.rounds;
    const auto pause = copying.step(noon, 0.5);
    return std::pair(fakes.source.rounds > before, pause.count());
  };
  EXPECT_EQ(std::pair(false, 1000L), step(99, 59));
  EXPECT_EQ(std::pair(true, 1000L), step(1, 60));
  EXPECT_EQ(std::pair(true, 0L), step(100, 0)) << "there may be more";
  EXPECT_EQ(101, fakes.archive.kept);
  EXPECT_EQ(101, copying.levels().copied);
}

TEST(CopyToArchive, WaitsLongerEachTimeThatTheArchiveFailsAndSaysWhy) {
  Fakes fakes;
  CopyToArchive copying(fakes.source, fakes.archive, {{.messages = 1}, std::chrono::seconds(60)});
  fakes.source.waiting = 5;
  fakes.archive.archive_answers = false;
  std::vector<std::int64_t> pauses;
  pauses.reserve(8);
  for (int i = 0; i < 8; ++i) pauses.push_back(copying.step(noon, 1).count());
  EXPECT_EQ((std::vector<std::int64_t>{2000, 4000, 8000, 16'000, 32'000, 60'000, 60'000, 60'000}), pauses);
  EXPECT_EQ(30'000, copying.step(noon, 0).count()) << "several processes do not come together";
  EXPECT_EQ("it is down", copying.levels().trouble);
  EXPECT_EQ(9, copying.levels().failures);
  EXPECT_EQ(5, copying.levels().backlog.messages);
  fakes.archive.archive_answers = true;
  copying.step(noon, 1);
  EXPECT_EQ("", copying.levels().trouble);
  EXPECT_EQ(5, copying.levels().copied);
}

TEST(CopyToArchive, LetsAnotherProcessDoIt) {
  Fakes fakes;
  CopyToArchive copying(fakes.source, fakes.archive, {{.messages = 1}, std::chrono::seconds(60)});
  fakes.source.waiting = 5;
  fakes.source.alone = false;
  EXPECT_EQ(1000, copying.step(noon, 0).count());
  EXPECT_EQ(0, copying.levels().copied);
  EXPECT_EQ("", copying.levels().trouble);
}

TEST(ProveDay, WantsAllOfItCopiedLongAgoAndEqual) {
  const DayDigest two{some_day, 2, 7};
  struct Case {
    const char* name;
    std::optional<ServerTime> copied;
    std::vector<DayDigest> store;
    std::vector<DayDigest> dropped;
    std::vector<DayDigest> archive;
    bool want;
  };
  const ServerTime long_ago = noon - std::chrono::hours(1);
  const Case cases[] = {
      {"equal", long_ago, {two}, {}, {two}, true},
      {"never copied, or some messages still wait", std::nullopt, {two}, {}, {two}, false},
      {"just now", long_ago + std::chrono::seconds(1), {two}, {}, {two}, false},
      {"one is missing there", long_ago, {two}, {}, {{some_day, 1, 7}}, false},
      {"all are missing there", long_ago, {two}, {}, {}, false},
      {"one is another", long_ago, {two}, {}, {{some_day, 2, 8}}, false},
      {"what was dropped before counts", long_ago, {two}, {{some_day, 3, 8}}, {{some_day, 5, 15}}, true},
      {"and must be there", long_ago, {two}, {{some_day, 3, 8}}, {two}, false},
  };
  for (const Case& c : cases) {
    Fakes fakes;
    fakes.source.copied = c.copied;
    fakes.source.in_neither = c.dropped;
    fakes.store.of_days = c.store;
    fakes.archive.of_days = c.archive;
    const auto proof = prove_day(fakes.store, fakes.source, fakes.archive, some_day, noon);
    ASSERT_TRUE(proof);
    EXPECT_EQ(c.want, proof->proven) << c.name;
    EXPECT_EQ(c.want, proof->reason.empty()) << c.name;
    EXPECT_EQ(two, proof->store) << c.name;
  }
}

}  // namespace
}  // namespace packwalk
