// What the journal does beyond the contract of queues: it survives.
#include "adapters/journal/journal_packet_queue.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "adapters/journal/journal_checkup.h"
#include "adapters/journal/journal_test.h"
#include "adapters/journal/segment.h"
#include "core/packet/upload_record.h"

namespace packwalk {
namespace {

class JournalPacketQueueTest : public JournalTest {};

TEST_F(JournalPacketQueueTest, GivesAgainAfterACrashWhatWasNotSettled) {
  put(1, std::string("a\0b", 3));
  put(2, "");
  crash_and_open();
  const auto batch = queue->take(100);
  ASSERT_EQ(2u, batch.uploads.size());
  EXPECT_EQ(2, decoded);
  EXPECT_EQ(DeviceNumber{1}, batch.uploads[0].device);
  EXPECT_EQ(server_time(1001), batch.uploads[0].received_at);
  EXPECT_EQ(Transport::overland, batch.uploads[0].transport);
  EXPECT_EQ(std::string("a\0b", 3), batch.uploads[0].body);
  EXPECT_EQ("", batch.uploads[0].unreadable);
  EXPECT_EQ("is not a gzip stream", batch.uploads[1].unreadable);
  EXPECT_TRUE(batch.uploads[0].redelivered);
  EXPECT_EQ(1u, batch.uploads[0].messages.size());
}

TEST_F(JournalPacketQueueTest, LeavesNoFileWhenAllIsSettledAndItEnds) {
  put(1, "body");
  queue->settle(queue->take(100), {});
  queue.reset();
  EXPECT_TRUE(files().empty());
  open();
  EXPECT_EQ(0u, queue->depth(server_time(0)).uploads);
}

TEST_F(JournalPacketQueueTest, KeepsWhatIsNotSettledWhenItEnds) {
  put(1, "body");
  put(2, "other");
  queue->settle(queue->take(1), {});
  queue.reset();
  open();
  const auto batch = queue->take(100);  // the first too: they stand in one file, and ingest knows it by its key
  EXPECT_EQ(2u, batch.uploads.size());
}

TEST_F(JournalPacketQueueTest, PassesOverATornEndInSilence) {
  put(1, "first");
  put(2, "second");
  crash_and_open([this] { damage(files(".journal").front(), "second"); });
  EXPECT_EQ((std::vector<std::string>{"first"}), bodies());
  EXPECT_TRUE(findings().empty());
  EXPECT_TRUE(files(".damaged").empty());
}

TEST_F(JournalPacketQueueTest, NamesADamagedRecordKeepsItsFileAndTakesEverySoundOneBehind) {
  for (int i = 1; i < 6; ++i) put(i, "body " + std::to_string(i));
  std::string damaged;
  crash_and_open([&] {
    damage(files(".journal").front(), "body 2");
    damage(files(".journal").front(), "body 4");
    damaged = bytes_of(files(".journal").front());
  });
  ASSERT_EQ(1U, findings().size());
  EXPECT_EQ(Severity::fault, findings()[0].severity);
  EXPECT_NE(std::string::npos, findings()[0].says.find("bytes at offset"));
  ASSERT_EQ(1U, files(".damaged").size());
  EXPECT_NE(std::string::npos, findings()[0].remedy.find(files(".damaged")[0]));
  auto batch = queue->take(100);
  ASSERT_EQ(3U, batch.uploads.size());
  EXPECT_EQ("body 1", batch.uploads[0].body);
  EXPECT_EQ("body 3", batch.uploads[1].body);
  EXPECT_EQ("body 5", batch.uploads[2].body);
  EXPECT_EQ(1U, troubles().size());
  // Nothing that follows removes it: neither a crash now, nor the end of all that stood in it.
  crash_and_open();
  EXPECT_EQ(3U, bodies().size());
  queue.reset();
  ASSERT_EQ(1U, files().size());
  EXPECT_EQ(damaged, bytes_of(files(".damaged").at(0)));
  std::filesystem::remove(files(".damaged")[0]);
  EXPECT_TRUE(troubles().empty());
}

TEST_F(JournalPacketQueueTest, NamesAFileInWhichNothingCanBeReadAndKeepsIt) {
  for (const bool is_used_again : {false, true}) {
    for (int round = 0; is_used_again && round < 20; ++round) {  // 8 a file
      put(round + 10, std::string(1024UL * 1024, 'x'));
      queue->settle(queue->take(100), {});
    }
    put(1, "confirmed");
    const std::size_t told = findings().size();
    const std::size_t kept = files(".damaged").size();
    crash_and_open([this] {
      for (const std::string& path : files(".journal")) write(path, "x" + bytes_of(path));
    });
    EXPECT_EQ(0U, queue->depth(server_time(0)).uploads);
    EXPECT_LT(told, findings().size());
    EXPECT_LT(kept, files(".damaged").size());
    EXPECT_EQ(Severity::fault, journal::examine_journal(folder).at(0).severity);
  }
}

TEST_F(JournalPacketQueueTest, IsSilentWhenItDiesBeforeOrWhileItWritesTheFirstRecordOfAFileThatIsUsedAgain) {
  const std::string large(5UL * 1024 * 1024, 'x');
  for (int round = 0; round < 4; ++round) {
    put(round + 10, large);
    queue->settle(queue->take(100), {});
  }
  put(1, "first of its file" + large);
  crash_and_open([this] { damage(files(".journal").back(), "first of its file"); });
  EXPECT_TRUE(findings().empty());
  EXPECT_TRUE(files(".damaged").empty());
}

TEST_F(JournalPacketQueueTest, MovesAsideWhatIsNoFileOfTheJournal) {
  put(1, "confirmed");
  crash_and_open([this] {
    ASSERT_EQ(0, ::mkfifo((folder + "/000000000091.0123456789abcdef.journal").c_str(), 0600));
    std::filesystem::create_symlink("/dev/zero", folder + "/000000000092.0123456789abcdef.journal");
    std::filesystem::create_directory(folder + "/000000000093.0123456789abcdef.journal");
    write(folder + "/000000000094.0123456789abcdef.journal", "");
    std::filesystem::resize_file(folder + "/000000000094.0123456789abcdef.journal", 5'000'000'000);
  });
  EXPECT_EQ((std::vector<std::string>{"confirmed"}), bodies());
  EXPECT_EQ(4U, findings().size());
  EXPECT_EQ(4U, files(".damaged").size());
  const auto told = journal::examine_journal(folder);
  EXPECT_EQ(4, std::ranges::count(told, Severity::fault, &Finding::severity));
  put(2, "taken as before");
}

TEST_F(JournalPacketQueueTest, WritesThroughNoLink) {
  const std::string victim = folder + ".victim";
  write(victim, "precious");
  crash_and_open([&] {
    std::filesystem::remove(folder + "/deaths");
    std::filesystem::create_symlink(victim, folder + "/deaths");
  });
  EXPECT_EQ("precious", bytes_of(victim));
  ASSERT_FALSE(findings().empty());
  EXPECT_NE(std::string::npos, findings()[0].says.find("deaths"));
  put(1, "taken all the same");
  queue.reset();
  std::filesystem::remove(victim);
}

TEST_F(JournalPacketQueueTest, SeesThatTheEndOfASegmentIsGoneByTheNextOne) {
  const std::string large(5UL * 1024 * 1024, 'x');
  put(1, "first");
  put(2, "second");
  put(3, large);
  put(4, large);  // in the next segment
  const auto segments = files(".journal");
  ASSERT_EQ(2U, segments.size());
  for (const std::size_t size : {std::size_t{100}, std::size_t{0}}) {
    crash_and_open([&] { std::filesystem::resize_file(files(".journal")[0], size); });
    const auto batch = queue->take(100);
    EXPECT_EQ(size == 0 ? 1U : 2U, batch.uploads.size());
    EXPECT_EQ(DeviceNumber{4}, batch.uploads.back().device);
    EXPECT_EQ(1U, files(".damaged").size());
    ASSERT_FALSE(findings().empty());
  }
}

TEST_F(JournalPacketQueueTest, TakesAJournalOfTheFormatBefore) {
  queue.reset();
  std::string records;
  for (int i = 1; i < 4; ++i) {
    journal::append_record(records, record_of(upload(i, "old " + std::to_string(i))), {5, std::nullopt},
                           {.offset = records.size()});
  }
  records.resize(100'000);
  write(folder + "/000000000005.journal", records);
  open();
  put(9, "new");
  EXPECT_EQ((std::vector<std::string>{"old 1", "old 2", "old 3", "new"}), bodies());
  EXPECT_TRUE(findings().empty());
}

TEST_F(JournalPacketQueueTest, TakesNothingOfAFilesLifeBefore) {
  const std::string body(1024UL * 1024, 'x');
  for (int round = 0; round < 40; ++round) {  // 8 a file: each file lives several times
    put(round + 10, body);
    queue->settle(queue->take(100), {});
  }
  EXPECT_LE(files().size(), 6u);
  put(1, "the only one that is not settled");
  crash_and_open();
  std::size_t unsettled = 0;
  for (const Upload& upload : queue->take(1000).uploads) unsettled += upload.device == DeviceNumber{1} ? 1 : 0;
  EXPECT_EQ(1u, unsettled);
  EXPECT_LE(decoded, 9) << "no more than one file's worth is given again";
}

TEST_F(JournalPacketQueueTest, HasRoomForAnUploadLargerThanAFile) {
  put(1, std::string(9UL * 1024 * 1024, 'x'));
  crash_and_open();
  EXPECT_EQ(9UL * 1024 * 1024, queue->take(100).uploads.at(0).body.size());
}

/// A consumer that waits, and takes one batch.
class WaitingConsumer {
 public:
  explicit WaitingConsumer(PacketQueue& queue) : thread_([this, &queue] { batch_ = queue.take(100); }) {}
  UploadBatch& taken() {
    if (thread_.joinable()) thread_.join();
    return batch_;
  }

 private:
  UploadBatch batch_;
  std::jthread thread_;
};

/// Until one goes straight to a consumer that waits, everything goes through the journal.
TEST_F(JournalPacketQueueTest, TellsWhetherItWasCommittedOfAnUploadThatFoundItIdle) {
  for (const bool committed : {true, false}) {
    for (bool direct = false; !direct;) {
      WaitingConsumer consumer(*queue);
      std::promise<Result<void>> told;
      auto answer = told.get_future();
      ASSERT_TRUE(queue->put({.device = DeviceNumber{1}, .body = "body", .messages = {{0, 4, Heartbeat{"as it came"}}}},
                             [&](const Result<void>& kept) { told.set_value(kept); }));
      UploadBatch batch = std::move(consumer.taken());
      ASSERT_EQ(1u, batch.uploads.size());
      direct = static_cast<bool>(batch.confirmations.at(0));
      const auto outcome = committed || !direct ? Result<void>() : Result<void>(fail(Errc::unavailable, "full disk"));
      queue->settle(std::move(batch), outcome);
      EXPECT_EQ(outcome.has_value(), answer.get().has_value());
    }
  }
  EXPECT_EQ(0u, queue->depth(server_time(0)).uploads) << "it is its sender's again";
  EXPECT_TRUE(queue->depth(server_time(0)).failing);
}

TEST_F(JournalPacketQueueTest, TriesAgainWithTheNextUploadWhenNothingWaits) {
  put(1, "in the journal");
  queue->settle(queue->take(1), fail(Errc::unavailable, "full disk"));
  queue->settle(queue->take(1), {});
  EXPECT_FALSE(queue->depth(server_time(0)).failing);
  put(2, "taken again");
}

}  // namespace
}  // namespace packwalk
