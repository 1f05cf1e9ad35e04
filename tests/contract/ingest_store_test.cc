// What every IngestStore must do, seen through the QueryStore of the same adapter.
#include "ports/ingest_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <future>
#include <limits>
#include <thread>

#include "tests/support/claims.h"
#include "tests/support/stores.h"

namespace packwalk {
namespace {

using namespace std::string_literals;

constexpr ContentHash top_bit_hash = 0xf000'0000'0000'0001;
constexpr ContentHash all_bits_hash = std::numeric_limits<ContentHash>::max();
constexpr TimeRange from_1970{device_time(0), device_time(std::numeric_limits<std::int32_t>::max())};
constexpr std::size_t plenty = 10'000;

class IngestStoreContract : public testing::TestWithParam<StoreAdapter> {
 protected:
  std::vector<Fix> fixes(std::int64_t device) {
    return installation->query_store()->fixes(DeviceNumber{device}, from_1970, plenty).value();
  }
  std::vector<Sample> samples(std::int64_t device) {
    return installation->query_store()->samples(DeviceNumber{device}, from_1970, plenty).value();
  }
  std::vector<StoredMessage> messages(std::int64_t device) {
    return installation->message_reader()->messages(DeviceNumber{device}, std::nullopt, {}, plenty).value();
  }
  std::vector<StaleWindow> stale_windows(std::int64_t device) {
    return installation->stale_windows(DeviceNumber{device});
  }
  CurrentState stored_state(std::int64_t device) {
    return installation->query_store()->state(DeviceNumber{device}).value();
  }

  std::unique_ptr<Installation> installation = GetParam().install();
  std::unique_ptr<IngestStore> store = installation->ingest_store();
};

template <class Claim>
void expect_one_winner(IngestStore& store, const Claim& first, const Claim& second) {
  commit(store, [&](IngestTransaction& transaction) {
    const Standing won = claim_one(transaction, first);
    EXPECT_TRUE(won.won);
    const Standing lost = claim_one(transaction, second);
    EXPECT_FALSE(lost.won);
    EXPECT_EQ(first.hash, lost.hash);
  });
  commit(store, [&](IngestTransaction& transaction) {
    const Standing lost = claim_one(transaction, second);
    EXPECT_FALSE(lost.won);
    EXPECT_EQ(first.hash, lost.hash);
  });
}

TEST_P(IngestStoreContract, LetsOneClaimOfAKeyWinAndAnswersItsHashAfterwards) {
  expect_one_winner(*store, fix_claim(1, 1000, top_bit_hash), fix_claim(1, 1000, 5));
  expect_one_winner(*store, sample_claim(1, 1000, all_bits_hash), sample_claim(1, 1000, 0));
  expect_one_winner(*store, fix_claim(1, 1001, 0), fix_claim(1, 1001, top_bit_hash));
  EXPECT_EQ((std::vector{fix_at(1000), fix_at(1001)}), fixes(1));
  EXPECT_EQ((std::vector{sample_at(1000)}), samples(1));
}

TEST_P(IngestStoreContract, AnswersManyClaimsPlaceByPlace) {
  commit(*store, [](IngestTransaction& transaction) { EXPECT_TRUE(claim_one(transaction, fix_claim(1, 20, 2)).won); });
  commit(*store, [](IngestTransaction& transaction) {
    const std::array claims = {fix_claim(1, 10, 11), fix_claim(1, 20, 12), fix_claim(1, 30, 13), fix_claim(2, 20, 14)};
    const auto standings = transaction.claim(claims).value();
    ASSERT_EQ(4u, standings.size());
    EXPECT_TRUE(standings[0].won && !standings[1].won && standings[2].won && standings[3].won);
    EXPECT_EQ(2u, standings[1].hash);
    EXPECT_TRUE(transaction.claim(std::span<const FixClaim>()).value().empty());
    EXPECT_TRUE(transaction.claim(std::span<const SampleClaim>()).value().empty());
  });
  EXPECT_EQ(3u, fixes(1).size());
  EXPECT_EQ(1u, fixes(2).size());
}

TEST_P(IngestStoreContract, DoesNotBelieveWhatIsGuessedOfAKey) {
  commit(*store, [](IngestTransaction& transaction) { EXPECT_TRUE(claim_one(transaction, fix_claim(1, 20, 2)).won); });
  commit(*store, [](IngestTransaction& transaction) {
    std::vector claims = {fix_claim(1, 10, 11), fix_claim(1, 20, 12), fix_claim(1, 30, 13)};
    claims[0].is_likely_taken = claims[1].is_likely_taken = true;
    const auto standings = transaction.claim(claims).value();
    EXPECT_TRUE(standings[0].won && !standings[1].won && standings[2].won);
    EXPECT_EQ(11U, standings[0].hash);
    EXPECT_EQ(2U, standings[1].hash);
    EXPECT_EQ(13U, standings[2].hash);
    SampleClaim sample = sample_claim(1, 10, 5);
    sample.is_likely_taken = true;
    EXPECT_TRUE(claim_one(transaction, sample).won);
    EXPECT_FALSE(claim_one(transaction, sample).won);
  });
  EXPECT_EQ(3U, fixes(1).size());
}

constexpr std::int64_t january_ends = 1'769'904'000;  // where PostgreSQL's fixes are divided
constexpr std::int64_t many_seconds = 100;

bool is_won(const Standing& standing) { return standing.won; }

/// Of one device, a second each, from `first` on.
std::vector<FixClaim> many_claims(std::int64_t device, std::int64_t first, ContentHash hash) {
  std::vector<FixClaim> claims;
  for (std::int64_t i = 0; i < many_seconds; ++i) claims.push_back(fix_claim(device, first + i, hash));
  return claims;
}

TEST_P(IngestStoreContract, AnswersManyClaimsOfWhichNoneOrSomeOrAllAreTaken) {
  constexpr std::array fresh_ones = {many_seconds, many_seconds / 2, many_seconds / 2, std::int64_t{0}};
  ContentHash hash = 0;
  // Again and again, as a store may learn from what it met; in a month, and across its end.
  for (std::int64_t free_from : {january_ends - 40 * many_seconds, january_ends - 4 * many_seconds}) {
    for (int i = 0; i < 16; ++i) {
      const std::int64_t fresh = fresh_ones.at(static_cast<std::size_t>(i) % fresh_ones.size());
      commit(*store, [&](IngestTransaction& transaction) {
        const auto standings = transaction.claim(many_claims(1, free_from + fresh - many_seconds, ++hash)).value();
        ASSERT_EQ(static_cast<std::size_t>(many_seconds), standings.size());
        EXPECT_EQ(fresh, std::count_if(standings.begin(), standings.end(), is_won));
        for (const Standing& each : standings) EXPECT_EQ(each.won, each.hash == hash);
      });
      free_from += fresh;
    }
  }
}

TEST_P(IngestStoreContract, LetsTwoWritersClaimTheSameManyKeysAtOnce) {
  constexpr std::int64_t rounds = 20;
  const auto other = installation->ingest_store();
  std::atomic<std::int64_t> won = 0;
  std::atomic<std::int64_t> trouble = 0;
  const auto write = [&](IngestStore& own, ContentHash hash) {
    for (std::int64_t i = 0; i < rounds; ++i) {
      const auto transaction = own.begin();
      const auto standings =
          (*transaction)->claim(many_claims(1, january_ends - many_seconds + i * many_seconds * 3 / 4, hash));
      const auto done = standings ? (*transaction)->commit() : Result<void>();
      if (!standings || !done) {
        ++trouble;
        continue;
      }
      won += std::count_if(standings->begin(), standings->end(), is_won);
    }
  };
  {
    std::jthread second([&] { write(*other, 2); });
    write(*store, 1);
  }
  EXPECT_EQ(0, trouble) << "neither holds what the other waits for";
  constexpr std::int64_t keys = many_seconds + (rounds - 1) * many_seconds * 3 / 4;
  EXPECT_EQ(keys, won);
  EXPECT_EQ(static_cast<std::size_t>(keys), fixes(1).size());
}

TEST_P(IngestStoreContract, KeepsFixesToTheLastBit) {
  Fix odd = fix_at(1, std::nextafter(48.7, 90), -std::numeric_limits<double>::denorm_min());
  odd.altitude = std::nextafter(127.0, 0);
  odd.accuracy = 0.1;
  Fix bare = fix_at(2, -90, 180);
  bare.altitude = MaybeMeters();
  bare.accuracy = MaybeMeters();
  bare.status = 255;
  Fix whole = fix_at(3, 90, -180);
  whole.altitude = -1e300;
  whole.accuracy = 0;
  whole.received_at = server_time(std::numeric_limits<std::int64_t>::max());
  commit(*store, [&](IngestTransaction& transaction) {
    const std::array claims = {FixClaim{DeviceNumber{1}, odd, 1}, FixClaim{DeviceNumber{1}, bare, 1},
                               FixClaim{DeviceNumber{1}, whole, 1}};
    EXPECT_TRUE(transaction.claim(claims));
  });
  EXPECT_EQ((std::vector{odd, bare, whole}), fixes(1));
  EXPECT_FALSE(fixes(1)[1].altitude.known());
}

TEST_P(IngestStoreContract, KeepsSamplesOfEveryActivity) {
  std::vector<Sample> wanted;
  for (const Activity activity :
       {Activity::sleep, Activity::walk, Activity::gallop, Activity::trot, Activity::steps_not_measured}) {
    Sample& sample = wanted.emplace_back(sample_at(10 + static_cast<std::int64_t>(wanted.size())));
    sample.activity = activity;
    sample.steps = activity == Activity::sleep ? 0 : std::numeric_limits<std::int32_t>::max();
    sample.status = static_cast<std::uint8_t>(activity);
  }
  commit(*store, [&](IngestTransaction& transaction) {
    for (const Sample& sample : wanted)
      EXPECT_TRUE(claim_one(transaction, SampleClaim{DeviceNumber{1}, sample, 1}).won);
  });
  EXPECT_EQ(wanted, samples(1));
}

TEST_P(IngestStoreContract, LeavesNoTraceOfATransactionThatIsDropped) {
  const std::array state = {CurrentState{.device = DeviceNumber{1}, .last_fix = fix_at(1000), .counts = {.fixes = 1}}};
  const std::array message = {kept_message(1, 1, 0, Verdict::accepted)};
  const std::array window = {StaleWindow{DeviceNumber{1}, device_time(900)}};
  {
    auto transaction = store->begin().value();
    EXPECT_TRUE(claim_one(*transaction, fix_claim(1, 1000)).won);
    EXPECT_TRUE(claim_one(*transaction, sample_claim(1, 1000)).won);
    EXPECT_TRUE(transaction->put(state) && transaction->keep(message) && transaction->mark_stale(window));
  }
  EXPECT_TRUE(fixes(1).empty() && samples(1).empty() && messages(1).empty() && stale_windows(1).empty());
  EXPECT_EQ(CurrentState{.device = DeviceNumber{1}}, stored_state(1));
  commit(*store, [](IngestTransaction& transaction) { EXPECT_TRUE(claim_one(transaction, fix_claim(1, 1000)).won); });
}

TEST_P(IngestStoreContract, ReadsStatesBackExactlyAndFreshOnesWhereThereAreNone) {
  CurrentState full{.device = DeviceNumber{2},
                    .last_fix = fix_at(1000, 1.0 / 3, -2.0 / 3),
                    .status = StatusReading{.status = 255, .timestamp = device_time(1001), .family = Family::activity},
                    .last_seen = server_time(1'700'000'000'000'001),
                    .counts = {.fixes = 1, .samples = 2, .duplicates = 3, .conflicts = 4, .invalid = 5'000'000'000}};
  CurrentState unknown_lengths = full;
  unknown_lengths.device = DeviceNumber{3};
  unknown_lengths.last_fix->altitude = unknown_lengths.last_fix->accuracy = MaybeMeters();
  unknown_lengths.status->family = Family::track;
  CurrentState only_status{.device = DeviceNumber{4}, .status = StatusReading{}};
  CurrentState only_invalid{.device = DeviceNumber{5}, .counts = {.invalid = 1}};
  const std::array devices = {DeviceNumber{1}, DeviceNumber{2}, DeviceNumber{3}, DeviceNumber{4}, DeviceNumber{5}};
  const std::vector wanted = {CurrentState{.device = DeviceNumber{1}}, full, unknown_lengths, only_status,
                              only_invalid};
  commit(*store, [&](IngestTransaction& transaction) {
    const auto before = transaction.states(devices).value();
    for (const CurrentState& fresh : before) {
      EXPECT_EQ(CurrentState{.device = fresh.device}, fresh);
    }
    EXPECT_TRUE(transaction.put(std::span(wanted).subspan(1)));
    EXPECT_EQ(wanted, transaction.states(devices).value()) << "in the transaction that wrote them";
  });
  for (const CurrentState& state : wanted) EXPECT_EQ(state, stored_state(state.device.value));

  unknown_lengths.device = DeviceNumber{2};
  const std::vector replacements = {unknown_lengths, CurrentState{.device = DeviceNumber{2}}, full};
  for (const CurrentState& next : replacements) {  // each column is replaced, by nothing too
    commit(*store, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.put(std::span(&next, 1))); });
    EXPECT_EQ(next, stored_state(2));
  }
}

TEST_P(IngestStoreContract, KeepsTheBytesOfEveryMessage) {
  const std::string contents[] = {"", "\0\0a\0"s, "\xff\xfe'; DROP TABLE messages;--", std::string(1 << 20, '\x80')};
  std::vector<KeptMessage> kept = {
      kept_message(1, 10, 0, Verdict::accepted, contents[0]), kept_message(1, 10, 1, Verdict::duplicate, contents[1]),
      kept_message(1, 10, 2, Verdict::conflict, contents[2]),
      kept_message(1, 11, 0, Verdict::invalid, contents[3], "lat is not between -90 and 90")};
  kept[1].message.transport = Transport::overland;
  kept[1].message.hash = top_bit_hash;
  kept[2].message.hash = 0;
  commit(*store, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.keep(kept)); });

  const std::vector<StoredMessage> stored = messages(1);
  ASSERT_EQ(kept.size(), stored.size());
  for (std::size_t i = 0; i < kept.size(); ++i) {
    EXPECT_EQ(contents[i], stored[i].content);
    EXPECT_EQ(kept[i].message.received_at, stored[i].received_at);
    EXPECT_EQ(kept[i].message.ordinal, stored[i].ordinal);
    EXPECT_EQ(kept[i].message.transport, stored[i].transport);
    EXPECT_EQ(kept[i].message.hash, stored[i].hash);
    EXPECT_EQ(kept[i].verdict, stored[i].verdict);
    EXPECT_EQ(kept[i].reason, stored[i].reason);
  }
}

TEST_P(IngestStoreContract, TellsWhoIsAtThePlaceOfAMessageAndKeepsNoneWhereOneIs) {
  const KeptMessage first = kept_message(1, 10, 0, Verdict::accepted, "first");
  commit(*store, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.keep(std::span(&first, 1))); });
  const std::array asked = {kept_message(1, 10, 0, Verdict::accepted, "first").message,
                            kept_message(1, 10, 0, Verdict::accepted, "other").message,
                            kept_message(1, 10, 1, Verdict::accepted, "first").message,
                            kept_message(1, 11, 0, Verdict::accepted, "first").message,
                            kept_message(2, 10, 0, Verdict::accepted, "first").message};
  EXPECT_EQ((std::vector{Occupant::the_very_same, Occupant::another, Occupant::none, Occupant::none, Occupant::none}),
            store->begin().value()->occupants(asked).value());
  for (const char* content : {"first", "other"}) {
    const std::array messages = {kept_message(1, 9, 0, Verdict::accepted),
                                 kept_message(1, 10, 0, Verdict::accepted, content)};
    const auto done = store->begin().value()->keep(messages);
    ASSERT_FALSE(done);
    EXPECT_EQ(Errc::overloaded, done.error().code);
  }
  EXPECT_EQ(1U, messages(1).size());
}

TEST_P(IngestStoreContract, HasAWindowOnceThatWasMarkedTwice) {
  const std::array first = {StaleWindow{DeviceNumber{1}, device_time(900)},
                            StaleWindow{DeviceNumber{1}, device_time(1800)}};
  const std::array second = {StaleWindow{DeviceNumber{1}, device_time(1800)},
                             StaleWindow{DeviceNumber{2}, device_time(900)}};
  for (const auto& windows : {first, second, first}) {
    commit(*store, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.mark_stale(windows)); });
  }
  EXPECT_EQ((std::vector(first.begin(), first.end())), stale_windows(1));
  EXPECT_EQ((std::vector{second[1]}), stale_windows(2));
}

TEST_P(IngestStoreContract, HasEverythingAfterItWasClosedAndOpened) {
  const CurrentState state{.device = DeviceNumber{1}, .last_fix = fix_at(1000), .counts = {.fixes = 1}};
  commit(*store, [&](IngestTransaction& transaction) {
    const std::array message = {kept_message(1, 1, 0, Verdict::accepted)};
    EXPECT_TRUE(claim_one(transaction, fix_claim(1, 1000, top_bit_hash)).won);
    EXPECT_TRUE(transaction.keep(message) && transaction.put(std::span(&state, 1)));
  });
  store.reset();
  EXPECT_EQ(1u, messages(1).size()) << "a reader may be the first to come";
  store = installation->ingest_store();
  EXPECT_EQ(state, stored_state(1));
  commit(*store, [](IngestTransaction& transaction) {
    EXPECT_EQ(top_bit_hash, claim_one(transaction, fix_claim(1, 1000, 5)).hash);
  });
}

TEST_P(IngestStoreContract, BearsAnotherWriterBetweenItsTransactions) {
  auto registry = installation->device_registry();
  for (std::int64_t i = 1; i <= 3; ++i) {
    commit(*store, [&](IngestTransaction& transaction) { EXPECT_TRUE(claim_one(transaction, fix_claim(1, i)).won); });
    const NewDevice device{DeviceId::from_text("rex-" + std::to_string(i)).value(),
                           TokenHash{static_cast<std::uint8_t>(i)}};
    EXPECT_TRUE(registry->add(std::span(&device, 1), server_time(i)));
  }
  EXPECT_EQ(3u, fixes(1).size());
}

TEST_P(IngestStoreContract, NeitherWaitsForReadersNorHoldsThemUp) {
  const std::array states = {CurrentState{.device = DeviceNumber{1}, .last_fix = fix_at(1000)},
                             CurrentState{.device = DeviceNumber{2}, .last_fix = fix_at(1000)}};
  commit(*store, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.put(states)); });
  auto query = installation->query_store();
  std::vector<std::int64_t> met;
  const auto asked = query->each_position([&](const DevicePosition& position) {
    met.push_back(position.device.value);
    const CurrentState third{.device = DeviceNumber{position.device.value + 2}, .last_fix = fix_at(2000)};
    commit(*store, [&](IngestTransaction& transaction) {  // in the middle of the reader's question
      EXPECT_TRUE(transaction.put(std::span(&third, 1)));
      EXPECT_FALSE(query->state(third.device).value().last_fix) << "not before the commit";
      EXPECT_TRUE(query->state(DeviceNumber{1}).value().last_fix);
    });
    EXPECT_EQ(third, query->state(third.device).value());
  });
  EXPECT_TRUE(asked);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2}), met) << "a question is answered as of its beginning";
}

TEST_P(IngestStoreContract, LetsOneOfTwoWritersWinAndTheOtherSeeIt) {
  const auto other = installation->ingest_store();
  const KeptMessage message = kept_message(1, 10, 0, Verdict::accepted);
  auto begun = store->begin();
  const std::unique_ptr<IngestTransaction> transaction = std::move(begun.value());
  EXPECT_TRUE(claim_one(*transaction, fix_claim(1, 100, 5)).won);
  ASSERT_TRUE(transaction->keep(std::span(&message, 1)));
  const DeviceNumber device{1};
  auto state = transaction->states(std::span(&device, 1)).value();
  state[0].counts.fixes = 1;
  ASSERT_TRUE(transaction->put(state));

  std::promise<void> began;
  std::jthread second([&] {
    began.set_value();
    commit(*other, [&](IngestTransaction& waiting) {
      const Standing standing = claim_one(waiting, fix_claim(1, 100, 6));
      EXPECT_FALSE(standing.won);
      EXPECT_EQ(5U, standing.hash);
      auto seen = waiting.states(std::span(&device, 1)).value();
      EXPECT_EQ(1, seen[0].counts.fixes) << "what the first has put";
      ++seen[0].counts.conflicts;
      EXPECT_TRUE(waiting.put(seen));
    });
  });
  began.get_future().wait();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));  // so that it mostly waits; either way the same comes out
  ASSERT_TRUE(transaction->commit());
  second.join();
  const CurrentState last = installation->query_store()->state(device).value();
  EXPECT_EQ(1, last.counts.fixes);
  EXPECT_EQ(1, last.counts.conflicts);
}

TEST_P(IngestStoreContract, NoticesAMessageThatSomebodyElseCommitsMeanwhile) {
  const KeptMessage message = kept_message(1, 10, 0, Verdict::accepted);
  commit(*store, [&](IngestTransaction& transaction) { EXPECT_TRUE(transaction.keep(std::span(&message, 1))); });
  const auto transaction = store->begin();
  const auto again = (*transaction)->keep(std::span(&message, 1));
  ASSERT_FALSE(again);
  EXPECT_EQ(Errc::overloaded, again.error().code);
}

INSTANTIATE_TEST_SUITE_P(Adapters, IngestStoreContract, testing::ValuesIn(store_adapters()), name_of_adapter);

}  // namespace
}  // namespace packwalk
