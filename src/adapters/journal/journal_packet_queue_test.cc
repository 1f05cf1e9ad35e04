// What the journal does beyond the contract of queues: it survives.
#include "adapters/journal/journal_packet_queue.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "adapters/journal/segment.h"

namespace packwalk {
namespace {

class JournalPacketQueueTest : public testing::Test {
 protected:
  JournalPacketQueueTest() {
    std::string name = (std::filesystem::temp_directory_path() / "packwalk-journal-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    open();
  }
  ~JournalPacketQueueTest() override {
    queue.reset();
    std::filesystem::remove_all(folder);
  }

  void open() {
    queue = std::move(open_journal_packet_queue(folder, {1'000'000, 1'000'000'000}, [this](Delivery& delivery) {
                        ++decoded;
                        delivery.messages = {{0, delivery.body.size(), Notice{"decoded anew"}}};
                      }).value());
  }

  void put(std::int64_t device, std::string body) {
    std::promise<bool> told;
    Delivery delivery{.device = DeviceNumber{device},
                      .received_at = server_time(1000 + device),
                      .transport = Transport::overland,
                      .body = std::move(body),
                      .unreadable = device == 2 ? "is not a gzip stream" : "",
                      .messages = {{0, 0, Notice{"as it came"}}}};
    ASSERT_TRUE(queue->put(std::move(delivery), [&](const Result<void>& kept) { told.set_value(kept.has_value()); }));
    ASSERT_TRUE(told.get_future().get());
  }

  /// As after SIGKILL: the files as they are now.
  void crash_and_open() {
    const std::string copy = folder + ".copy";
    std::filesystem::copy(folder, copy);
    queue.reset();
    std::filesystem::remove_all(folder);
    std::filesystem::rename(copy, folder);
    open();
  }

  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string folder;
  std::unique_ptr<PacketQueue> queue;
  int decoded = 0;
};

TEST_F(JournalPacketQueueTest, GivesAgainAfterACrashWhatWasNotSettled) {
  put(1, std::string("a\0b", 3));
  put(2, "");
  crash_and_open();
  const auto batch = queue->take(100);
  ASSERT_EQ(2u, batch.deliveries.size());
  EXPECT_EQ(2, decoded);
  EXPECT_EQ(DeviceNumber{1}, batch.deliveries[0].device);
  EXPECT_EQ(server_time(1001), batch.deliveries[0].received_at);
  EXPECT_EQ(Transport::overland, batch.deliveries[0].transport);
  EXPECT_EQ(std::string("a\0b", 3), batch.deliveries[0].body);
  EXPECT_EQ("", batch.deliveries[0].unreadable);
  EXPECT_EQ("is not a gzip stream", batch.deliveries[1].unreadable);
  EXPECT_TRUE(batch.deliveries[0].redelivered);
  EXPECT_EQ(1u, batch.deliveries[0].messages.size());
}

TEST_F(JournalPacketQueueTest, LeavesNoFileWhenAllIsSettledAndItEnds) {
  put(1, "body");
  queue->settle(queue->take(100), {});
  queue.reset();
  EXPECT_TRUE(files().empty());
  open();
  EXPECT_EQ(0u, queue->depth(server_time(0)).deliveries);
}

TEST_F(JournalPacketQueueTest, KeepsWhatIsNotSettledWhenItEnds) {
  put(1, "body");
  put(2, "other");
  queue->settle(queue->take(1), {});
  queue.reset();
  open();
  const auto batch = queue->take(100);  // the first too: they stand in one file, and ingest knows it by its key
  EXPECT_EQ(2u, batch.deliveries.size());
}

TEST_F(JournalPacketQueueTest, StopsReadingAtARecordThatIsNotWhole) {
  put(1, "first");
  put(2, "second");
  const std::string file = files().front();
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  // Records of 12 + 21 + n bytes: the last byte of the second one.
  out.seekp(static_cast<std::streamoff>(2 * 33 + 5 + std::string("is not a gzip stream").size() + 6 - 1));
  out.put('X');
  out.close();
  crash_and_open();
  const auto batch = queue->take(100);
  ASSERT_EQ(1u, batch.deliveries.size());
  EXPECT_EQ("first", batch.deliveries[0].body);
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
  for (const Delivery& delivery : queue->take(1000).deliveries) unsettled += delivery.device == DeviceNumber{1} ? 1 : 0;
  EXPECT_EQ(1u, unsettled);
  EXPECT_LE(decoded, 9) << "no more than one file's worth is given again";
}

TEST_F(JournalPacketQueueTest, HasRoomForADeliveryLargerThanAFile) {
  put(1, std::string(9UL * 1024 * 1024, 'x'));
  crash_and_open();
  EXPECT_EQ(9UL * 1024 * 1024, queue->take(100).deliveries.at(0).body.size());
}

/// A consumer that waits, and takes one batch.
class WaitingConsumer {
 public:
  explicit WaitingConsumer(PacketQueue& queue) : thread_([this, &queue] { batch_ = queue.take(100); }) {}
  DeliveryBatch& taken() {
    if (thread_.joinable()) thread_.join();
    return batch_;
  }

 private:
  DeliveryBatch batch_;
  std::jthread thread_;
};

/// Until one goes straight to a consumer that waits, everything goes through the journal.
TEST_F(JournalPacketQueueTest, TellsWhetherItWasCommittedOfADeliveryThatFoundItIdle) {
  for (const bool committed : {true, false}) {
    for (bool direct = false; !direct;) {
      WaitingConsumer consumer(*queue);
      std::promise<Result<void>> told;
      auto answer = told.get_future();
      ASSERT_TRUE(queue->put({.device = DeviceNumber{1}, .body = "body", .messages = {{0, 4, Notice{"as it came"}}}},
                             [&](const Result<void>& kept) { told.set_value(kept); }));
      DeliveryBatch batch = std::move(consumer.taken());
      ASSERT_EQ(1u, batch.deliveries.size());
      direct = static_cast<bool>(batch.confirmations.at(0));
      const auto outcome = committed || !direct ? Result<void>() : Result<void>(fail(Errc::unavailable, "full disk"));
      queue->settle(std::move(batch), outcome);
      EXPECT_EQ(outcome.has_value(), answer.get().has_value());
    }
  }
  EXPECT_EQ(0u, queue->depth(server_time(0)).deliveries) << "it is its sender's again";
  EXPECT_TRUE(queue->depth(server_time(0)).failing);
}

TEST_F(JournalPacketQueueTest, TriesAgainWithTheNextDeliveryWhenNothingWaits) {
  put(1, "in the journal");
  queue->settle(queue->take(1), fail(Errc::unavailable, "full disk"));
  queue->settle(queue->take(1), {});
  EXPECT_FALSE(queue->depth(server_time(0)).failing);
  put(2, "taken again");
}

TEST(Segment, IsReadUnderItsOwnNumberOnly) {
  std::string records;
  journal::append_record(records, "payload", 1);
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("packwalk-segment-" + std::to_string(::getpid()))).string();
  std::filesystem::create_directories(folder);
  for (const journal::SegmentNumber number : {1U, 2U}) {
    std::ofstream(journal::segment_path(folder, number), std::ios::binary) << records;
    int payloads = 0;
    EXPECT_TRUE(journal::read_segment(folder, number, [&](std::string_view) { ++payloads; }));
    EXPECT_EQ(number == 1 ? 1 : 0, payloads);
  }
  EXPECT_EQ((std::vector<journal::SegmentNumber>{1, 2}), journal::segments_in(folder).value());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace packwalk
