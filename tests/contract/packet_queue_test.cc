// What every PacketQueue must do. A new adapter joins the list at the end.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <ostream>
#include <thread>

#include "adapters/journal/journal_packet_queue.h"
#include "tests/support/temporary_folder.h"

namespace packwalk {
namespace {

constexpr std::size_t messages_max = 10;
constexpr std::size_t bytes_max = 100;

struct Adapter {
  std::string name;
  std::function<std::unique_ptr<PacketQueue>(const TemporaryFolder&)>
      make;  // full at messages_max messages and at bytes_max bytes

  friend std::ostream& operator<<(std::ostream& out, const Adapter& adapter) { return out << adapter.name; }
};

Delivery delivery(std::int64_t device, std::size_t messages = 1, std::string body = "body") {
  return {.device = DeviceNumber{device},
          .received_at = server_time(device * 1000),
          .transport = Transport::http_json,
          .body = std::move(body),
          .messages = std::vector<DecodedMessage>(messages, {0, 1, Notice{"heartbeat"}})};
}

std::vector<std::int64_t> devices_of(const PacketQueue::Batch& batch) {
  std::vector<std::int64_t> devices;
  for (const Delivery& each : batch.deliveries) devices.push_back(each.device.value);
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

class PacketQueueContract : public testing::TestWithParam<Adapter> {
 protected:
  void put(std::int64_t device, std::size_t messages = 1) { put(delivery(device, messages)); }

  /// Until it is safe.
  void put(Delivery one) {
    std::promise<bool> told;
    ASSERT_TRUE(queue->put(std::move(one), [&](const Result<void>& kept) { told.set_value(kept.has_value()); }));
    ASSERT_TRUE(told.get_future().get());
  }

  TemporaryFolder folder;
  std::unique_ptr<PacketQueue> queue = GetParam().make(folder);
};

TEST_P(PacketQueueContract, GivesOutInTheOrderOfThePutsAndWholly) {
  Delivery first = delivery(1, 2, std::string("a\0b", 3));
  put(first);
  put(2);
  put(3);
  const PacketQueue::Batch batch = queue->take(100);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3}), devices_of(batch));
  EXPECT_EQ(first.body, batch.deliveries[0].body);
  EXPECT_EQ(first.received_at, batch.deliveries[0].received_at);
  EXPECT_EQ(Transport::http_json, batch.deliveries[0].transport);
  EXPECT_EQ(2u, batch.deliveries[0].messages.size());
}

TEST_P(PacketQueueContract, CutsBatchesByMessagesButGivesAtLeastOneDelivery) {
  put(1, 2);
  put(2, 2);
  put(3, 5);
  put(4, 1);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2}), devices_of(queue->take(4)));
  EXPECT_EQ((std::vector<std::int64_t>{3}), devices_of(queue->take(1)));
  EXPECT_EQ((std::vector<std::int64_t>{4}), devices_of(queue->take(4)));
}

TEST_P(PacketQueueContract, IsFullByMessages) {
  put(1, messages_max - 1);
  Told told;
  const auto refused = queue->put(delivery(2, 2), told.listen());
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::overloaded, refused.error().code);
  put(3, 1);  // what fits is still taken
  EXPECT_EQ(messages_max, queue->depth(server_time(0)).messages);

  auto batch = queue->take(100);
  EXPECT_EQ((std::vector<std::int64_t>{1, 3}), devices_of(batch));
  EXPECT_FALSE(queue->put(delivery(4), told.listen())) << "what is taken and not settled counts";
  queue->settle(std::move(batch), {});
  put(5, messages_max);
  EXPECT_EQ(0, told.kept + told.refused);
}

TEST_P(PacketQueueContract, IsFullByBytes) {
  put(delivery(1, 1, std::string(bytes_max - 1, 'x')));
  Told told;
  const auto refused = queue->put(delivery(2, 1, "xy"), told.listen());
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::overloaded, refused.error().code);
  put(delivery(3, 1, "x"));
  EXPECT_EQ(bytes_max, queue->depth(server_time(0)).bytes);
  EXPECT_EQ((std::vector<std::int64_t>{1, 3}), devices_of(queue->take(100)));
  EXPECT_EQ(0, told.kept + told.refused);
}

TEST_P(PacketQueueContract, TakesADeliveryLargerThanItsLimitsWhenItIsEmpty) {
  put(1, messages_max + 1);
  auto batch = queue->take(1);
  EXPECT_EQ((std::vector<std::int64_t>{1}), devices_of(batch));
  queue->settle(std::move(batch), {});
}

TEST_P(PacketQueueContract, GivesAgainFirstOfAllWhatCouldNotBeCommitted) {
  put(1);
  put(2);
  put(3);
  auto first = queue->take(2);
  EXPECT_FALSE(first.deliveries[0].redelivered);
  queue->settle(std::move(first), fail(Errc::unavailable, "the disk is full"));

  const auto refused = queue->put(delivery(4), ignore);
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::unavailable, refused.error().code);
  auto again = queue->take(3);
  EXPECT_EQ((std::vector<std::int64_t>{1, 2, 3}), devices_of(again));
  EXPECT_TRUE(again.deliveries[0].redelivered);
  EXPECT_TRUE(again.deliveries[1].redelivered);
  EXPECT_FALSE(again.deliveries[2].redelivered);
  queue->settle(std::move(again), {});
  put(5);  // it takes again
  EXPECT_EQ(1u, queue->depth(server_time(0)).deliveries);
}

TEST_P(PacketQueueContract, TellsDepthAndTheAgeOfTheOldestThatWaits) {
  const auto empty = queue->depth(server_time(5000));
  EXPECT_EQ(0u, empty.deliveries + empty.messages + empty.bytes);
  EXPECT_EQ(0, empty.oldest_age.count());
  put(1, 2);
  put(2, 3);
  const auto two = queue->depth(server_time(5000));
  EXPECT_EQ(2u, two.deliveries);
  EXPECT_EQ(5u, two.messages);
  EXPECT_EQ(8u, two.bytes);
  EXPECT_EQ(4000, two.oldest_age.count());
  EXPECT_EQ(0, queue->depth(server_time(1)).oldest_age.count()) << "never negative";

  auto batch = queue->take(2);
  const auto taken = queue->depth(server_time(5000));
  EXPECT_EQ(2u, taken.deliveries);
  EXPECT_EQ(3000, taken.oldest_age.count());
  queue->settle(std::move(batch), {});
  EXPECT_EQ(1u, queue->depth(server_time(5000)).deliveries);
  EXPECT_EQ(3u, queue->depth(server_time(5000)).messages);
}

TEST_P(PacketQueueContract, GivesOutWhatWaitsWhenClosedAndThenNothing) {
  Told told;
  ASSERT_TRUE(queue->put(delivery(1), told.listen()));  // perhaps not safe yet
  queue->close();
  const auto late = queue->put(delivery(2), told.listen());
  ASSERT_FALSE(late);
  EXPECT_EQ(Errc::unavailable, late.error().code);
  auto batch = queue->take(9);
  EXPECT_EQ((std::vector<std::int64_t>{1}), devices_of(batch));
  EXPECT_TRUE(queue->take(9).deliveries.empty());
  EXPECT_TRUE(queue->take(9).deliveries.empty());
  queue->settle(std::move(batch), {});
  EXPECT_EQ(1, told.kept);
}

TEST_P(PacketQueueContract, WakesEveryConsumerWhenItCloses) {
  std::atomic<int> woken = 0;
  std::vector<std::jthread> consumers;
  consumers.reserve(3);
  for (int i = 0; i < 3; ++i) {
    consumers.emplace_back([&] { woken += queue->take(9).deliveries.empty() ? 1 : 100; });
  }
  queue->close();
  consumers.clear();  // joins
  EXPECT_EQ(3, woken);
}

TEST_P(PacketQueueContract, LosesAndDoublesNothingBetweenThreads) {
  constexpr std::int64_t producers = 4;
  constexpr std::int64_t each = 500;
  std::vector<std::atomic<int>> told(producers * each);
  std::vector<std::int64_t> taken;
  std::jthread consumer([&] {
    for (auto batch = queue->take(7); !batch.deliveries.empty(); batch = queue->take(7)) {
      const auto devices = devices_of(batch);
      taken.insert(taken.end(), devices.begin(), devices.end());
      queue->settle(std::move(batch), {});
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
          while (!queue->put(delivery(number), confirm))
            std::this_thread::yield();  // full: as a client that comes back
        }
      });
    }
  }
  queue->close();
  consumer.join();

  ASSERT_EQ(told.size(), taken.size());
  std::vector<std::int64_t> next(producers);
  for (std::int64_t producer = 0; producer < producers; ++producer)
    next[static_cast<std::size_t>(producer)] = producer * each;
  for (const std::int64_t number : taken)
    ASSERT_EQ(next[static_cast<std::size_t>(number / each)]++, number) << "in order";
  for (const auto& times : told) EXPECT_EQ(1, times);
  EXPECT_EQ(0u, queue->depth(server_time(0)).deliveries);
}

std::vector<Adapter> adapters() {
  return {{"journal", [](const TemporaryFolder& folder) {
             auto queue = open_journal_packet_queue(folder.file("queue"), {messages_max, bytes_max}, [](Delivery&) {});
             return std::move(queue.value());
           }}};
}

INSTANTIATE_TEST_SUITE_P(Adapters, PacketQueueContract, testing::ValuesIn(adapters()),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace packwalk
