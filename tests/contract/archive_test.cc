// What every place that keeps originals must do: the archives, and the stores as far as they are one.
#include "ports/archive.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "tests/support/archives.h"

namespace packwalk {
namespace {

using namespace std::string_literals;
using Places = std::vector<std::pair<std::int64_t, std::uint32_t>>;

constexpr std::int64_t day_micros = 86'400'000'000;
constexpr Day day_zero{};

Original original(std::int64_t device, std::int64_t received_at, std::uint32_t ordinal = 0,
                  Verdict verdict = Verdict::accepted, std::string content = "bytes", std::string reason = "") {
  return {DeviceNumber{device},
          {.received_at = server_time(received_at),
           .ordinal = ordinal,
           .transport = Transport::mqtt_binary,
           .verdict = verdict,
           .reason = std::move(reason),
           .hash = 0xfedcba9876543210,
           .content = std::move(content)}};
}

DayDigest digest_of(Day day, const std::vector<Original>& originals) {
  DayDigest digest{day};
  for (const auto& [device, message] : originals) {
    if (day_of(message.received_at) != day) continue;
    ++digest.messages;
    digest.hash ^= digest_hash(device, message);
  }
  return digest;
}

class ArchiveContract : public testing::TestWithParam<ArchiveAdapter> {
 protected:
  void keep(const std::vector<Original>& originals) {
    const auto kept = archive->keep(originals);
    ASSERT_TRUE(kept) << kept.error().detail;
  }
  Places places(std::int64_t device, std::optional<Verdict> verdict, MessageCursor after, std::size_t limit) {
    const auto messages = archive->messages(DeviceNumber{device}, verdict, after, limit);
    EXPECT_TRUE(messages) << messages.error().detail;
    Places found;
    for (const StoredMessage& each : *messages) {
      found.emplace_back(microseconds_since_1970(each.received_at), each.ordinal);
    }
    return found;
  }
  std::vector<DayDigest> digests(std::int64_t from, std::int64_t until) {
    auto found = archive->digests({day_zero + std::chrono::days(from), day_zero + std::chrono::days(until)});
    EXPECT_TRUE(found) << found.error().detail;
    return *std::move(found);
  }

  std::unique_ptr<Archive> archive = GetParam().install();
};

TEST_P(ArchiveContract, GivesBackEveryByteOfAMessage) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const std::vector<Original> originals = {original(1, 10, 0, Verdict::accepted, bytes),
                                           original(1, 10, 1, Verdict::duplicate, ""),
                                           original(1, 20, 0, Verdict::conflict, "'; DROP --\\"),
                                           original(1, 30, 7, Verdict::invalid, "\0"s, "не то\tat \"x\""),
                                           original(1, 40, 0, Verdict::invalid, std::string(3'000'000, 'x'), "long")};
  keep(originals);
  const auto found = archive->messages(DeviceNumber{1}, std::nullopt, {}, 9).value();
  ASSERT_EQ(originals.size(), found.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const StoredMessage& want = originals[i].message;
    EXPECT_EQ(want.received_at, found[i].received_at);
    EXPECT_EQ(want.ordinal, found[i].ordinal);
    EXPECT_EQ(want.transport, found[i].transport);
    EXPECT_EQ(want.verdict, found[i].verdict);
    EXPECT_EQ(want.reason, found[i].reason);
    EXPECT_EQ(want.hash, found[i].hash);
    EXPECT_TRUE(want.content == found[i].content) << i;
  }
  EXPECT_EQ((std::vector{digest_of(day_zero, originals)}), digests(0, 1));
}

TEST_P(ArchiveContract, ABatchThatIsRepeatedOrOverlapsLeavesOneRowOfEach) {
  const std::vector<Original> first = {original(1, 10), original(1, 20), original(2, 10)};
  const std::vector<Original> second = {original(1, 20), original(1, 30), original(2, 10), original(2, 10, 1)};
  for (int i = 0; i < 3; ++i) {
    keep(first);
    keep(second);
  }
  EXPECT_EQ((Places{{10, 0}, {20, 0}, {30, 0}}), places(1, std::nullopt, {}, 9));
  EXPECT_EQ((Places{{10, 0}, {10, 1}}), places(2, std::nullopt, {}, 9));
  const std::vector<Original> all = {first[0], first[1], first[2], second[1], second[3]};
  EXPECT_EQ((std::vector{digest_of(day_zero, all)}), digests(0, 1));
}

TEST_P(ArchiveContract, FindsTheMessagesOfADeviceAndAVerdictAfterAPlace) {
  std::vector<Original> originals;
  for (const std::int64_t received_at : {10, 20}) {
    for (std::uint32_t ordinal = 0; ordinal < 4; ++ordinal) {
      originals.push_back(original(1, received_at, ordinal, static_cast<Verdict>(ordinal)));
      originals.push_back(original(2, received_at, ordinal, static_cast<Verdict>(ordinal)));
    }
  }
  keep(originals);
  EXPECT_EQ((Places{{10, 0}, {20, 0}}), places(1, Verdict::accepted, {}, 9));
  EXPECT_EQ((Places{{10, 3}, {20, 3}}), places(1, Verdict::invalid, {}, 9));
  EXPECT_EQ((Places{{20, 1}}), places(1, Verdict::duplicate, {server_time(10), 1}, 9));
  EXPECT_EQ((Places{{10, 2}}), places(1, Verdict::conflict, {server_time(10), 1}, 1));
  EXPECT_EQ((Places{}), places(1, std::nullopt, {server_time(20), 3}, 9));
  EXPECT_EQ((Places{}), places(3, std::nullopt, {}, 9));
  EXPECT_EQ((Places{}), places(1, std::nullopt, {}, 0));
  for (const std::size_t limit : {1U, 3U, 100U}) {
    Places met;
    for (MessageCursor after;;) {
      const Places page = places(1, std::nullopt, after, limit);
      if (page.empty()) break;
      EXPECT_LE(page.size(), limit);
      met.insert(met.end(), page.begin(), page.end());
      after = {server_time(page.back().first), page.back().second};
    }
    EXPECT_EQ(8U, met.size()) << limit;
    EXPECT_TRUE(std::is_sorted(met.begin(), met.end()));
  }
}

TEST_P(ArchiveContract, FindsMessagesByTheirKeys) {
  const std::vector<Original> originals = {original(1, 10, 0, Verdict::accepted, "a"), original(1, 10, 1),
                                           original(2, 10),
                                           original(3, day_micros * 40, 7, Verdict::invalid, "b", "c")};
  keep(originals);
  std::vector<OriginalKey> keys = {key_of(originals[0]),
                                   key_of(originals[3]),
                                   {DeviceNumber{1}, {server_time(11), 0}},
                                   {DeviceNumber{2}, {server_time(10), 1}}};
  auto found = archive->originals(keys).value();
  std::sort(found.begin(), found.end(), [](const Original& a, const Original& b) { return a.device < b.device; });
  ASSERT_EQ(2U, found.size());
  for (const auto& [got, want] : {std::pair(found[0], originals[0]), std::pair(found[1], originals[3])}) {
    EXPECT_EQ(want.device, got.device);
    EXPECT_EQ(digest_hash(want.device, want.message), digest_hash(got.device, got.message));
  }
  EXPECT_TRUE(archive->originals({}).value().empty());
  for (std::int64_t i = 0; i < 5000; ++i) keys.push_back({DeviceNumber{4}, {server_time(i), 0}});
  EXPECT_EQ(2U, archive->originals(keys)->size());
}

TEST_P(ArchiveContract, PagesThroughMessagesThatAreTooLargeForOneAnswer) {
  constexpr std::size_t large = 5'000'000;
  std::vector<Original> originals;
  for (std::int64_t i = 1; i <= 5; ++i)
    originals.push_back(original(1, i, 0, Verdict::invalid, std::string(large, 'x')));
  for (const Original& each : originals) keep({each});
  std::size_t met = 0;
  for (MessageCursor after;;) {
    const auto page = archive->messages(DeviceNumber{1}, std::nullopt, after, 100).value();
    if (page.empty()) break;
    for (const StoredMessage& each : page) EXPECT_EQ(large, each.content.size());
    met += page.size();
    after = {page.back().received_at, page.back().ordinal};
  }
  EXPECT_EQ(originals.size(), met);
}

TEST_P(ArchiveContract, CountsAndHashesDaysOfUtc) {
  const std::vector<Original> originals = {
      original(1, 0),
      original(1, day_micros - 1),
      original(1, day_micros),
      original(9, 2 * day_micros - 1, 3, Verdict::invalid, "x\ty", "is bad"),
      original(2, 20'000 * day_micros),
      original(2, 20'031 * day_micros + 5),
  };
  keep(originals);
  std::vector<DayDigest> want;
  for (const int day : {0, 1, 20'000, 20'031}) want.push_back(digest_of(day_zero + std::chrono::days(day), originals));
  EXPECT_EQ(want, digests(0, 30'000));
  EXPECT_EQ((std::vector{want[1], want[2]}), digests(1, 20'031));
  EXPECT_EQ((std::vector<DayDigest>{}), digests(2, 20'000));
  const std::vector<Original> of_one(originals.begin(), originals.begin() + 3);
  const DayRange range{day_zero, day_zero + std::chrono::days(30'000)};
  EXPECT_EQ((std::vector{digest_of(day_zero, of_one), digest_of(day_zero + std::chrono::days(1), of_one)}),
            archive->digests(range, DeviceNumber{1}).value());
}

TEST_P(ArchiveContract, ErasesOneDevice) {
  const std::vector<Original> kept = {original(2, 10), original(3, 40 * day_micros)};
  const std::vector<Original> erased = {original(1, 10), original(1, 20, 3), original(1, 40 * day_micros)};
  EXPECT_EQ(0, archive->count(DeviceNumber{1}).value());
  ASSERT_TRUE(archive->erase(DeviceNumber{1}));
  keep(kept);
  keep(erased);
  EXPECT_EQ(3, archive->count(DeviceNumber{1}).value());
  const auto done = archive->erase(DeviceNumber{1});
  ASSERT_TRUE(done) << done.error().detail;
  EXPECT_EQ(0, archive->count(DeviceNumber{1}).value());
  EXPECT_EQ((Places{}), places(1, std::nullopt, {}, 9));
  EXPECT_EQ((std::vector{digest_of(day_zero, kept), digest_of(day_zero + std::chrono::days(40), kept)}),
            digests(0, 100));
  keep({original(1, 50)});
  EXPECT_EQ(1, archive->count(DeviceNumber{1}).value()) << "it may be there anew";
}

TEST_P(ArchiveContract, AnswersSeveralThreads) {
  keep({original(1, 10), original(1, 20)});
  std::vector<std::jthread> threads;
  threads.reserve(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 5; ++i) EXPECT_EQ(2U, places(1, std::nullopt, {}, 9).size());
    });
  }
}

INSTANTIATE_TEST_SUITE_P(Adapters, ArchiveContract, testing::ValuesIn(archive_adapters()),
                         [](const auto& each) { return each.param.name; });

TEST(Digest, TellsEveryPartOfAMessage) {
  const Original one = original(1, 10, 0, Verdict::invalid, "a b", "c");
  std::vector<Original> others(8, one);
  others[0].device.value = 2;
  others[1].message.received_at = server_time(11);
  others[2].message.ordinal = 1;
  others[3].message.transport = Transport::http_json;
  others[4].message.verdict = Verdict::conflict;
  others[5].message.reason = "c ";
  others[6].message.hash = 1;
  others[7].message.content = "a c";
  std::vector<std::uint64_t> met{digest_hash(one.device, one.message)};
  for (const auto& [device, message] : others) met.push_back(digest_hash(device, message));
  std::sort(met.begin(), met.end());
  EXPECT_EQ(met.end(), std::adjacent_find(met.begin(), met.end()));
}

TEST(ClickhouseArchive, ARowThatChangedIsFoundAndKeepingItAgainMendsIt) {
  const ClickhouseInstallation installation;
  const auto archive = std::move(make_clickhouse_archive(installation.options()).value());
  const std::vector<Original> originals = {original(1, 10), original(1, 20)};
  ASSERT_TRUE(archive->keep(originals));
  const std::vector<DayDigest> want{digest_of(day_zero, originals)};
  const DayRange range{day_zero, day_zero + std::chrono::days(1)};
  installation.run(
      "INSERT INTO messages SELECT device, received_at, ordinal, transport, 2, reason, hash, content FROM "
      "messages WHERE received_at = 20");
  EXPECT_NE(want, archive->digests(range).value());
  EXPECT_EQ(1U, archive->messages(DeviceNumber{1}, Verdict::accepted, {}, 9)->size());
  ASSERT_TRUE(archive->keep(originals));
  EXPECT_EQ(want, archive->digests(range).value());
  installation.run("OPTIMIZE TABLE messages FINAL");
  EXPECT_EQ(want, archive->digests(range).value());
  EXPECT_EQ("2\n", installation.run("SELECT count() FROM messages"));
}

TEST(ClickhouseArchive, MakesItsTableOnceAndWithNoEngineThatKeepsDoubles) {
  const ClickhouseInstallation installation;
  ArchiveOptions options = installation.options();
  EXPECT_TRUE(make_archive_table(options));
  for (const char* engine :
       {"MergeTree()", "ReplacingMergeTree() SETTINGS a = 1; DROP TABLE messages", "", "ReplacingMergeTree() \"x\""}) {
    options.engine = engine;
    const auto made = make_archive_table(options);
    ASSERT_FALSE(made) << engine;
    EXPECT_EQ(Errc::invalid_input, made.error().code);
  }
}

TEST(ClickhouseArchive, NoErrorShowsAPassword) {
  const ClickhouseInstallation installation;
  const std::string url = installation.options().url;
  const std::string address = url.substr(url.rfind('@') + 1);
  struct Case {
    std::string url;
    Errc want;
  };
  const Case cases[] = {
      {"http://packwalk:s3cret@" + address, Errc::unavailable},
      {"http://packwalk:s3cret@127.0.0.1:1/x", Errc::unavailable},
      {"ftp://packwalk:s3cret@127.0.0.1/x", Errc::invalid_input},
      {"http://packwalk:s3cret@127.0.0.1/x?y=s3cret", Errc::invalid_input},
      {"http://packwalk:s3cret%0aX-Other:+1@127.0.0.1/x", Errc::invalid_input},
      {"s3cret", Errc::invalid_input},
  };
  for (const Case& c : cases) {
    const auto archive = make_clickhouse_archive({.url = c.url});
    const Error error = archive ? (*archive)->messages(DeviceNumber{1}, std::nullopt, {}, 9).error() : archive.error();
    EXPECT_EQ(c.want, error.code) << error.detail;
    EXPECT_EQ(std::string::npos, error.detail.find("s3cret")) << error.detail;
  }
}

}  // namespace
}  // namespace packwalk
