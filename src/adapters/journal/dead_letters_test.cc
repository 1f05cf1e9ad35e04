// Uploads that cannot be committed, and uploads that crash the committing process, become dead letters.
#include "adapters/journal/dead_letters.h"

#include <gtest/gtest.h>

#include <set>

#include "adapters/journal/journal_checkup.h"
#include "adapters/journal/journal_test.h"
#include "base/scarce_memory.h"
#include "core/packet/upload_record.h"

namespace packwalk {
namespace {

using journal::DeadLetter;

class DeadLettersTest : public JournalTest {
 protected:
  std::vector<std::string> dead() const {
    std::vector<std::string> all;
    EXPECT_TRUE(journal::each_dead_letter(
        folder, [&](const DeadLetter& letter) { all.push_back(letter.upload.body + ": " + letter.why); }));
    return all;
  }
  /// The first that waits cannot be committed, and all else can.
  void let_first_die(const std::string& why) {
    queue->settle(queue->take(1), fail(Errc::not_found, why));
    while (queue->depth(server_time(0)).uploads > 0) queue->settle(queue->take(100), {});
  }
};

TEST_F(DeadLettersTest, AreKeptWhateverDies) {
  put(1, "poison");
  put(2, "good");
  let_first_die("its partition is lost");
  const std::vector<std::string> expected{"poison: its partition is lost"};
  EXPECT_EQ(expected, dead());
  EXPECT_EQ(1U, queue->depth(server_time(0)).dead);
  EXPECT_FALSE(queue->depth(server_time(0)).failing);
  ASSERT_EQ(1U, findings().size());
  EXPECT_EQ("dead letters", findings()[0].part);
  ASSERT_EQ(1U, troubles().size());
  EXPECT_EQ(Severity::doubtful, troubles()[0].severity);
  EXPECT_EQ(0U, queue->depth(server_time(0)).set_aside->damaged);
  crash_and_open();  // the segment may still have it, and must not bring it a second time
  EXPECT_EQ(1U, queue->depth(server_time(0)).set_aside->letters) << "also of the process before";
  EXPECT_EQ(expected, dead());
  for (const std::string& body : bodies()) EXPECT_NE("poison", body);
  queue.reset();
  EXPECT_EQ(expected, dead());
}

TEST_F(DeadLettersTest, OfASenderThatWaitsAreConfirmedToItWhenTheyAreOnDisk) {
  for (bool straight = false; !straight;) {
    UploadBatch batch;
    std::jthread consumer([&] { batch = queue->take(100); });
    std::promise<bool> told;
    ASSERT_TRUE(queue->put(upload(1, "poison"), [&](const Result<void>& kept) { told.set_value(kept.has_value()); }));
    consumer.join();
    straight = static_cast<bool>(batch.confirmations.at(0));
    queue->settle(std::move(batch), straight ? Result<void>(fail(Errc::corrupt, "no")) : Result<void>());
    EXPECT_TRUE(told.get_future().get());
  }
  EXPECT_EQ((std::vector<std::string>{"poison: no"}), dead());
}

TEST_F(DeadLettersTest, HoldBackTheirUploadWhileTheyCannotBeWritten) {
  put(1, "poison");
  std::filesystem::permissions(folder, std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  if (::geteuid() == 0) {  // whom no permission stops: the folder is away instead
    std::filesystem::rename(folder, folder + ".away");
  }
  queue->settle(queue->take(1), fail(Errc::not_found, "its partition is lost"));
  EXPECT_TRUE(queue->depth(server_time(0)).failing);
  if (::geteuid() == 0) std::filesystem::rename(folder + ".away", folder);
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  EXPECT_TRUE(dead().empty());
  auto again = queue->take(1);
  ASSERT_EQ(1U, again.uploads.size());
  queue->settle(std::move(again), fail(Errc::not_found, "its partition is lost"));
  EXPECT_EQ(1U, dead().size());
}

TEST_F(DeadLettersTest, AreTakenAgainBesideAServerThatRunsAndByOneThatStarts) {
  for (const bool runs : {true, false}) {
    put(1, "poison");
    let_first_die("no");
    wait_until([&] { return queue->depth(server_time(0)).set_aside->letters == 1; });
    if (!runs) queue.reset();
    EXPECT_EQ(1U, journal::requeue_dead_letters(folder).value());
    EXPECT_EQ(0U, journal::requeue_dead_letters(folder).value());
    if (!runs) open();
    wait_until([&] { return queue->depth(server_time(0)).uploads == 1 && files(".requeue").empty(); });
    auto batch = queue->take(100);
    EXPECT_EQ("poison", batch.uploads.at(0).body);
    EXPECT_TRUE(batch.uploads[0].redelivered);
    wait_until([&] { return queue->depth(server_time(0)).set_aside->letters == 0; });
    queue->settle(std::move(batch), {});
    EXPECT_TRUE(dead().empty());
  }
}

TEST_F(DeadLettersTest, AreNotLostInAFileThatSomebodyPurgesOrRequeuesMeanwhile) {
  put(1, "first");
  let_first_die("no");
  EXPECT_EQ(1U, journal::purge_dead_letters(folder).value());
  put(2, "second");
  let_first_die("no");
  EXPECT_EQ((std::vector<std::string>{"second: no"}), dead());
  EXPECT_EQ(1U, journal::requeue_dead_letters(folder).value());
  put(3, "third");  // into a file that has another name now
  queue->settle(queue->take(1), fail(Errc::not_found, "no"));
  std::set<std::string> seen;
  wait_until([&] {
    if (queue->depth(server_time(0)).uploads > 0) {
      auto batch = queue->take(100);
      for (const Upload& each : batch.uploads) seen.insert(each.body);
      queue->settle(std::move(batch), {});
    }
    return files(".requeue").empty() && queue->depth(server_time(0)).uploads == 0;
  });
  for (const std::string& each : dead()) seen.insert(each.substr(0, each.find(':')));
  EXPECT_TRUE(seen.contains("second"));
  EXPECT_TRUE(seen.contains("third"));
}

TEST_F(DeadLettersTest, AreWhatTheProcessDiesOfAgainAndAgain) {
  put(1, "good");
  put(2, "deadly");
  put(3, "behind");
  std::vector<std::string> committed;
  int deaths = 0;
  for (; deaths < 20; ++deaths) {
    bool died = false;
    while (!died && queue->depth(server_time(0)).uploads > 0) {
      auto batch = queue->take(100);
      for (const Upload& each : batch.uploads) died = died || each.body == "deadly";
      if (died) break;
      for (const Upload& each : batch.uploads) committed.push_back(each.body);
      queue->settle(std::move(batch), {});
    }
    if (!died) break;
    crash_and_open();
  }
  EXPECT_GT(deaths, 2) << "it may have been the power";
  EXPECT_LT(deaths, 10);
  EXPECT_EQ("behind", committed.back());
  EXPECT_EQ((std::vector<std::string>{"deadly: the server died each time when it was to be committed"}), dead());
}

TEST_F(DeadLettersTest, AreNotMadeOfWhatWaitsForAStoreWhileProcessesDie) {
  put(1, "good");
  for (int i = 0; i < 12; ++i) {
    queue->settle(queue->take(100), fail(Errc::unavailable, "the database is away"));
    crash_and_open();
  }
  EXPECT_TRUE(dead().empty());
  EXPECT_EQ((std::vector<std::string>{"good"}), bodies());
}

TEST_F(DeadLettersTest, AreRecordsOfTheFirstFormatBehindADamagedPart) {
  queue.reset();
  std::string records;
  for (int i = 1; i < 4; ++i) {
    journal::append_record(records, record_of(upload(i, "old " + std::to_string(i))), {5, std::nullopt},
                           {.offset = records.size()});
  }
  write(folder + "/000000000005.journal", records);
  damage(folder + "/000000000005.journal", "old 2");
  open();
  EXPECT_EQ((std::vector<std::string>{"old 1"}), bodies());
  ASSERT_EQ(1U, dead().size());
  EXPECT_EQ("old 3", dead()[0].substr(0, 5));
  EXPECT_EQ(1U, files(".damaged").size());
}

TEST_F(DeadLettersTest, OfADamagedFileAreTakenAgainAsFarAsTheyCanBeReadAndTheFileIsKept) {
  for (int i = 1; i < 4; ++i) {
    put(i, "poison " + std::to_string(i));
    let_first_die("no");
  }
  queue.reset();
  damage(files(".dead").at(0), "poison 2");
  ASSERT_EQ(2U, troubles().size());
  EXPECT_EQ(Severity::fault, troubles()[0].severity);
  EXPECT_EQ(2U, journal::requeue_dead_letters(folder).value());
  open();
  wait_until([&] { return files(".requeue").empty(); });
  EXPECT_EQ((std::vector<std::string>{"poison 1", "poison 3"}), bodies());
  EXPECT_EQ(1U, files(".damaged").size());
}

TEST_F(DeadLettersTest, AreNotAddedToAFileThatIsKeptAsDamaged) {
  for (int i = 1; i < 3; ++i) {
    put(i, "poison " + std::to_string(i));
    let_first_die("no");
  }
  damage(files(".dead").at(0), "poison 1");  // in the file that the server has open
  EXPECT_EQ(1U, journal::requeue_dead_letters(folder).value());
  wait_until([&] { return files(".dead.damaged").size() == 1; });
  wait_until([&] { return queue->depth(server_time(0)).set_aside->damaged == 1; });
  EXPECT_EQ(std::vector<std::string>{"poison 2"}, bodies());
  put(3, "poison 3");
  let_first_die("no");
  EXPECT_EQ(std::vector<std::string>{"poison 3: no"}, dead());
}

TEST_F(DeadLettersTest, AreWhatCannotBeDecodedWhenTheServerStarts) {
  put(1, "good");
  put(2, "undecodable");
  put(3, "good too");
  throws_at = "undecodable";
  crash_and_open();
  EXPECT_EQ((std::vector<std::string>{"good", "good too"}), bodies());
  EXPECT_EQ((std::vector<std::string>{"undecodable: it cannot be decoded: std::bad_alloc"}), dead());
}

TEST_F(DeadLettersTest, AreNotNeededWhereMemoryRunsOut) {
  Upload large = upload(2, std::string(4UL * 1024 * 1024, 'x'));
  refuse_allocations_from(3UL * 1024 * 1024);
  const bool large_kept = try_to_put(std::move(large));
  refuse_allocations_from(SIZE_MAX);
  EXPECT_FALSE(large_kept) << "its sender keeps it";
  put(3, "after");
  EXPECT_EQ((std::vector<std::string>{"after"}), bodies());
}

}  // namespace
}  // namespace packwalk
