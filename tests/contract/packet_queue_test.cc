// What every queue must do, and what one within a process must do besides. A new adapter joins the list at the end.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <ostream>
#include <thread>

#include "tests/support/queues.h"

namespace packwalk {
namespace {

Upload upload(std::int64_t device, std::size_t messages = 1, std::size_t size = 4) {
  Upload made{.device = DeviceNumber{device},
              .received_at = server_time(device * 1000),
              .transport = Transport::http_json,
              .body = body_of_messages(messages, size)};
  decode_counted_body(made);
  return made;
}

std::vector<std::int64_t> devices_of(const UploadBatch& batch) {
  std::vector<std::int64_t> devices;
  for (const Upload& each : batch.uploads) devices.push_back(each.device.value);
  return devices;
}

void ignore(const Result<void>& /*outcome*/) {}

/// Counts what a sender was told.
struct Told {
  std::atomic<int> kept = 0;
  std::atomic<int> refused = 0;

  Confirmation listen() {
    return [this](const Result<void>& outcome) { ++(outcome ? kept : refused); };
  }
};

class PacketQueueContract : public testing::TestWithParam<QueueAdapter> {
 protected:
  void put(std::int64_t device, std::size_t messages = 1) { put(upload(device, messages)); }

  /// Until it is safe.
  void put(Upload one) {
    std::promise<bool> told;
    ASSERT_TRUE(intake.put(std::move(one), [&](const Result<void>& kept) { told.set_value(kept.has_value()); }));
    ASSERT_TRUE(told.get_future().get());
  }

  /// Until so many are at the end of ingest.
  void wait_for(std::size_t uploads) const {
    while (source.depth(server_time(0)).uploads < uploads) std::this_thread::yield();
  }

  std::unique_ptr<QueueEnds> ends = GetParam().make();
  PacketIntake& intake = ends->intake();
  PacketSource& source = ends->source();
};

TEST_P(PacketQueueContract, GivesOutInTheOrderOfThePutsAndWholly) {
  Upload first = upload(1, 2);
  first.body.append("a\0b", 3);
  first.unreadable = "no gzip";
  put(first);
  put(2);
  put(3);
  wait_for(3);
  const UploadBatch batch = source.take(100);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3}), devices_of(batch));
  EXPECT_EQ(first.body, batch.uploads[0].body);
  EXPECT_EQ(first.unreadable, batch.uploads[0].unreadable);
  EXPECT_EQ(first.received_at, batch.uploads[0].received_at);
  EXPECT_EQ(Transport::http_json, batch.uploads[0].transport);
  EXPECT_EQ(2u, batch.uploads[0].messages.size());
}

TEST_P(PacketQueueContract, CutsBatchesByMessagesButGivesAtLeastOneUpload) {
  put(1, 2);
  put(2, 2);
  put(3, 5);
  put(4, 1);
  wait_for(4);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2}), devices_of(source.take(4)));
  EXPECT_EQ((std::vector<std::int64_t>{3}), devices_of(source.take(1)));
  EXPECT_EQ((std::vector<std::int64_t>{4}), devices_of(source.take(4)));
}

TEST_P(PacketQueueContract, GivesAgainFirstOfAllWhatCouldNotBeCommitted) {
  put(1);
  put(2);
  put(3);
  wait_for(3);
  auto first = source.take(2);
  EXPECT_FALSE(first.uploads[0].redelivered);
  source.settle(std::move(first), fail(Errc::unavailable, "the disk is full"));
  EXPECT_TRUE(source.depth(server_time(0)).failing);

  auto again = source.take(3);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3}), devices_of(again));
  EXPECT_TRUE(again.uploads[0].redelivered);
  EXPECT_TRUE(again.uploads[1].redelivered);
  EXPECT_FALSE(again.uploads[2].redelivered);
  source.settle(std::move(again), {});
  EXPECT_FALSE(source.depth(server_time(0)).failing);
  put(5);  // it takes again
  wait_for(1);
  EXPECT_EQ((std::vector<std::int64_t>{5}), devices_of(source.take(3)));
}

TEST_P(PacketQueueContract, SetsAsideWhatCannotBeCommittedForAReasonOfItsOwnAndGoesOn) {
  std::int64_t device = 0;
  std::size_t dead = 0;
  for (const Errc code : {Errc::not_found, Errc::conflict, Errc::corrupt, Errc::invalid_input, Errc::too_large}) {
    put(++device);
    put(++device);
    wait_for(2);
    auto poison = source.take(1);
    ASSERT_EQ((std::vector<std::int64_t>{device - 1}), devices_of(poison));
    source.settle(std::move(poison), fail(code, "it never can be committed"));
    EXPECT_FALSE(source.depth(server_time(0)).failing) << "nothing waits for it";
    auto next = source.take(1);
    EXPECT_EQ((std::vector<std::int64_t>{device}), devices_of(next));
    EXPECT_FALSE(next.uploads[0].redelivered);
    source.settle(std::move(next), {});
    ++dead;
    EXPECT_EQ(dead, source.depth(server_time(0)).dead);
    while (ends->dead_letters() < dead) std::this_thread::yield();
  }
  EXPECT_EQ(dead, ends->dead_letters());
  EXPECT_EQ(0u, source.depth(server_time(0)).uploads);
}

TEST_P(PacketQueueContract, SetsAsideNothingWhileTheStoreAsAWholeFails) {
  put(1);
  wait_for(1);
  for (const Errc code : {Errc::unavailable, Errc::overloaded}) {
    auto batch = source.take(1);
    ASSERT_EQ((std::vector<std::int64_t>{1}), devices_of(batch));
    source.settle(std::move(batch), fail(code, "the disk is full"));
    EXPECT_TRUE(source.depth(server_time(0)).failing);
  }
  EXPECT_EQ(0u, ends->dead_letters());
  source.settle(source.take(1), {});
}

TEST_P(PacketQueueContract, TakesNothingMoreWhenItIsClosed) {
  Told told;
  intake.close();
  const auto late = intake.put(upload(2), told.listen());
  ASSERT_FALSE(late);
  EXPECT_EQ(Errc::unavailable, late.error().code);
  source.close();
  EXPECT_TRUE(source.take(9).uploads.empty());
  EXPECT_EQ(0, told.kept + told.refused);
}

class InProcessQueueContract : public PacketQueueContract {};

TEST_P(InProcessQueueContract, IsFullByMessages) {
  put(1, messages_max - 1);
  Told told;
  const auto refused = intake.put(upload(2, 2), told.listen());
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::overloaded, refused.error().code);
  put(3, 1);  // what fits is still taken
  EXPECT_EQ(messages_max, source.depth(server_time(0)).messages);

  auto batch = source.take(100);
  EXPECT_EQ((std::vector<std::int64_t>{1, 3}), devices_of(batch));
  EXPECT_FALSE(intake.put(upload(4), told.listen())) << "what is taken and not settled counts";
  source.settle(std::move(batch), {});
  put(5, messages_max);
  EXPECT_EQ(0, told.kept + told.refused);
}

TEST_P(InProcessQueueContract, IsFullByBytes) {
  put(upload(1, 1, bytes_max - 1));
  Told told;
  const auto refused = intake.put(upload(2, 1, 2), told.listen());
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::overloaded, refused.error().code);
  put(upload(3, 1, 1));
  EXPECT_EQ(bytes_max, source.depth(server_time(0)).bytes);
  EXPECT_EQ((std::vector<std::int64_t>{1, 3}), devices_of(source.take(100)));
  EXPECT_EQ(0, told.kept + told.refused);
}

TEST_P(InProcessQueueContract, LeavesRoomForOthersHoweverMuchOneDeviceSends) {
  put(1, 2);  // a quarter of ten messages
  const auto refused = intake.put(upload(1), ignore);
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::overloaded, refused.error().code);
  put(upload(2, 1, bytes_max / 2));  // one upload of a device may be larger than its share
  const auto by_bytes = intake.put(upload(2, 1, 1), ignore);
  ASSERT_FALSE(by_bytes);
  EXPECT_EQ(Errc::overloaded, by_bytes.error().code);
  put(3, 2);
  auto batch = source.take(100);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3}), devices_of(batch));
  EXPECT_FALSE(intake.put(upload(1), ignore)) << "what is taken and not settled counts";
  source.settle(std::move(batch), {});
  put(1, 2);
}

TEST_P(InProcessQueueContract, TakesAnUploadLargerThanItsLimitsWhenItIsEmpty) {
  put(1, messages_max + 1);
  auto batch = source.take(1);
  EXPECT_EQ((std::vector<std::int64_t>{1}), devices_of(batch));
  source.settle(std::move(batch), {});
}

TEST_P(InProcessQueueContract, RefusesWhileWhatWaitsCannotBeCommitted) {
  put(1);
  source.settle(source.take(2), fail(Errc::unavailable, "the disk is full"));
  const auto refused = intake.put(upload(4), ignore);
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::unavailable, refused.error().code);
  source.settle(source.take(3), {});
  put(5);
}

TEST_P(InProcessQueueContract, TellsDepthAndTheAgeOfTheOldestThatWaits) {
  const auto empty = source.depth(server_time(5000));
  EXPECT_EQ(0u, empty.uploads + empty.messages + empty.bytes);
  EXPECT_EQ(0, empty.oldest_age.count());
  put(1, 2);
  put(2, 3);
  const auto two = source.depth(server_time(5000));
  EXPECT_EQ(2u, two.uploads);
  EXPECT_EQ(5u, two.messages);
  EXPECT_EQ(8u, two.bytes);
  EXPECT_EQ(4000, two.oldest_age.count());
  EXPECT_EQ(0, source.depth(server_time(1)).oldest_age.count()) << "never negative";

  auto batch = source.take(2);
  const auto taken = source.depth(server_time(5000));
  EXPECT_EQ(2u, taken.uploads);
  EXPECT_EQ(3000, taken.oldest_age.count());
  source.settle(std::move(batch), {});
  EXPECT_EQ(1u, source.depth(server_time(5000)).uploads);
  EXPECT_EQ(3u, source.depth(server_time(5000)).messages);
}

TEST_P(InProcessQueueContract, GivesOutWhatWaitsWhenClosedAndThenNothing) {
  Told told;
  ASSERT_TRUE(intake.put(upload(1), told.listen()));  // perhaps not safe yet
  intake.close();
  const auto late = intake.put(upload(2), told.listen());
  ASSERT_FALSE(late);
  EXPECT_EQ(Errc::unavailable, late.error().code);
  auto batch = source.take(9);
  EXPECT_EQ((std::vector<std::int64_t>{1}), devices_of(batch));
  EXPECT_TRUE(source.take(9).uploads.empty());
  EXPECT_TRUE(source.take(9).uploads.empty());
  source.settle(std::move(batch), {});
  EXPECT_EQ(1, told.kept);
}

TEST_P(PacketQueueContract, WakesEveryConsumerWhenItCloses) {
  std::atomic<int> woken = 0;
  std::vector<std::jthread> consumers;
  consumers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    consumers.emplace_back([&] { woken += source.take(9).uploads.empty() ? 1 : 100; });
  }
  source.close();
  consumers.clear();  // joins
  EXPECT_EQ(3, woken);
}

TEST_P(PacketQueueContract, LosesAndDoublesNothingBetweenThreads) {
  constexpr std::int64_t producers = 4;
  constexpr std::int64_t each = 500;
  std::vector<std::atomic<int>> told(producers * each);
  std::vector<std::int64_t> taken;
  std::jthread consumer([&] {
    while (taken.size() < told.size()) {
      auto batch = source.take(7);
      const auto devices = devices_of(batch);
      taken.insert(taken.end(), devices.begin(), devices.end());
      source.settle(std::move(batch), {});
    }
  });
  {
    std::vector<std::jthread> threads;
    threads.reserve(producers);
    for (std::int64_t producer = 0; producer < producers; ++producer) {
      threads.emplace_back([&, producer] {
        for (std::int64_t i = 0; i < each; ++i) {
          const std::int64_t number = producer * each + i;
          const auto confirm = [&told, number](const Result<void>& /*kept*/) {
            ++told[static_cast<std::size_t>(number)];
          };
          while (!intake.put(upload(number), confirm)) std::this_thread::yield();  // full: as a client that comes back
        }
      });
    }
  }
  consumer.join();

  ASSERT_EQ(told.size(), taken.size());
  std::vector<std::int64_t> next(producers);
  for (std::int64_t producer = 0; producer < producers; ++producer)
    next[static_cast<std::size_t>(producer)] = producer * each;
  for (const std::int64_t number : taken)
    ASSERT_EQ(next[static_cast<std::size_t>(number / each)]++, number) << "in order";
  for (const auto& times : told) {
    while (times == 0) std::this_thread::yield();  // it may have come sooner than its confirmation
    EXPECT_EQ(1, times);
  }
  EXPECT_EQ(0u, source.depth(server_time(0)).uploads);
}

INSTANTIATE_TEST_SUITE_P(Adapters, PacketQueueContract, testing::ValuesIn(queue_adapters()), name_of_queue);
INSTANTIATE_TEST_SUITE_P(Adapters, InProcessQueueContract, testing::ValuesIn(in_process_queue_adapters()),
                         name_of_queue);

}  // namespace
}  // namespace packwalk
