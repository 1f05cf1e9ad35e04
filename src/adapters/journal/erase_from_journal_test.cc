// Of an erased device no byte is left in the journal, whatever kind of file it stood in.
#include "adapters/journal/erase_from_journal.h"

#include <gtest/gtest.h>

#include "adapters/journal/dead_letters.h"
#include "adapters/journal/journal_test.h"

namespace packwalk {
namespace {

constexpr DeviceNumber erased{7};

class EraseFromJournalTest : public JournalTest {
 protected:
  static std::string body(DeviceNumber device, int number) {
    return (device == erased ? "secret place " : "of another ") + std::to_string(number);
  }
  void put_of(DeviceNumber device, int number, std::size_t padding = 0) {
    Upload one = upload(device.value, body(device, number) + std::string(padding, '.'));
    one.received_at = server_time(number);
    ASSERT_TRUE(try_to_put(std::move(one)));
  }
  void settle_all() {
    while (queue->depth(server_time(0)).uploads > 0) queue->settle(queue->take(100), {});
  }
  std::size_t files_with(const std::string& text) const {
    std::size_t count = 0;
    for (const std::string& file : files()) count += bytes_of(file).find(text) != std::string::npos ? 1 : 0;
    return count;
  }
  /// A file of each kind that has something of both.
  void fill_folder() {
    for (int i = 0; i < 40; ++i) {  // spare segments, and segments with blocks from lives before
      put_of(i % 2 == 0 ? erased : DeviceNumber{1}, i, 1024UL * 1024);
      settle_all();
    }
    for (const DeviceNumber device : {erased, DeviceNumber{1}}) {
      put_of(device, 100);
      queue->settle(queue->take(1), fail(Errc::corrupt, "no"));
    }
    for (int i = 200; i < 206; ++i) put_of(i % 2 == 0 ? erased : DeviceNumber{1}, i);
    crash_and_open([this] {
      const std::string segment = files(".journal").back();
      damage(segment, body(erased, 202));
    });
    ASSERT_EQ(1U, files(".damaged").size());
    put_of(erased, 300);
    put_of(DeviceNumber{1}, 301);
  }
  void expect_only_others() {
    EXPECT_EQ(0U, files_with("secret"));
    EXPECT_EQ(0U, files_with("ecret place 202"));
    std::size_t dead = 0;
    EXPECT_EQ(1U, journal::each_dead_letter(folder, [&](const journal::DeadLetter&) { ++dead; }).value());
    crash_and_open();
    std::vector<std::string> waiting = bodies();
    std::erase_if(waiting, [](const std::string& each) { return each.size() > 100; });
    EXPECT_EQ((std::vector<std::string>{body(DeviceNumber{1}, 201), body(DeviceNumber{1}, 203),
                                        body(DeviceNumber{1}, 205), body(DeviceNumber{1}, 301)}),
              waiting);
  }
};

TEST_F(EraseFromJournalTest, LeavesNothingOfItWithoutAServer) {
  fill_folder();
  EXPECT_LE(3U, files_with("secret"));
  const std::string copy = folder + ".copy";
  std::filesystem::copy(folder, copy);  // as a server leaves it that was killed
  queue.reset();
  std::filesystem::remove_all(folder);
  std::filesystem::rename(copy, folder);
  ASSERT_TRUE(journal::overwrite_device(folder, erased));
  open();
  expect_only_others();
}

TEST_F(EraseFromJournalTest, LeavesNothingOfItBesideAServerThatRunsAndRefusesWhatStillComes) {
  fill_folder();
  EXPECT_LE(3U, files_with("secret"));
  ASSERT_TRUE(journal::ask_to_overwrite_device(folder, erased, std::chrono::seconds(60)));
  EXPECT_FALSE(try_to_put(upload(erased.value, "secret that was on its way")));
  expect_only_others();
}

TEST_F(EraseFromJournalTest, IsDoneByTheNextServerWhenTheOneThatWasAskedEnds) {
  put_of(erased, 1);
  put_of(DeviceNumber{1}, 2);
  crash_and_open([this] { write(folder + "/erase.7", ""); });
  EXPECT_EQ((std::vector<std::string>{body(DeviceNumber{1}, 2)}), bodies());
  wait_until([this] { return files("erase.7").empty(); });
  EXPECT_EQ(0U, files_with("secret"));
}

TEST_F(EraseFromJournalTest, SaysThatNobodyAnswers) {
  queue.reset();
  const auto asked = journal::ask_to_overwrite_device(folder, erased, std::chrono::seconds(0));
  ASSERT_FALSE(asked);
  EXPECT_EQ(Errc::unavailable, asked.error().code);
}

}  // namespace
}  // namespace packwalk
