// What a queue at a broker does beyond the contract of queues.
#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "adapters/rabbitmq/link.h"
#include "adapters/rabbitmq/pack.h"
#include "adapters/rabbitmq/rabbitmq_intake.h"
#include "adapters/rabbitmq/rabbitmq_source.h"
#include "tests/support/manual_clock.h"
#include "tests/support/queues.h"

namespace packwalk {
namespace {

class RabbitmqQueueTest : public testing::Test {
 protected:
  std::unique_ptr<PacketIntake> intake() const {
    auto made = make_rabbitmq_intake(options);
    while (made->depth(server_time(0)).failing) std::this_thread::yield();
    return made;
  }
  std::unique_ptr<PacketSource> source() {
    return make_rabbitmq_source(
        options,
        {decode_counted_body, [](std::string_view) { return Result<std::optional<DeviceNumber>>(std::nullopt); }},
        clock);
  }
  rabbitmq::Link link() const {
    auto opened = rabbitmq::Link::open(options.urls[0], options);
    auto link = std::move(opened.value());
    EXPECT_TRUE(link.declare(options));
    return link;
  }

  /// What the broker says of one delivery.
  static Result<void> put(PacketIntake& intake, std::int64_t device, std::size_t size = 4) {
    Delivery delivery{.device = DeviceNumber{device},
                      .received_at = server_time(device),
                      .transport = Transport::http_json,
                      .body = body_of_messages(1, size)};
    decode_counted_body(delivery);
    std::promise<Result<void>> told;
    auto answer = told.get_future();
    if (auto taken = intake.put(std::move(delivery), [&](const Result<void>& kept) { told.set_value(kept); }); !taken) {
      return taken;
    }
    return answer.get();
  }

  rabbitmq::Delivered dead_letter() const {
    auto from = link();
    while (true) {
      auto got = from.get(options.dead_queue()).value();
      if (got) return *std::move(got);
      std::this_thread::yield();
    }
  }
  BrokerOptions options = broker_of_a_new_queue();
  ManualClock clock{server_time(1'000'000)};
};

TEST_F(RabbitmqQueueTest, RefusesWhatTheBrokerHasNoRoomForAndTakesItWhenItHas) {
  options.queue_bytes_max = 100'000;
  const auto in = intake();
  int taken = 0;
  Result<void> answer;
  for (; (answer = put(*in, taken, 10'000)); ++taken) ASSERT_LT(taken, 1000) << "it is never full";
  EXPECT_EQ(Errc::overloaded, answer.error().code);
  const auto out = source();
  for (int left = taken; left > 0;) {
    auto batch = out->take(100);
    left -= static_cast<int>(batch.deliveries.size());
    out->settle(std::move(batch), {});
  }
  while (!put(*in, 1, 10'000)) std::this_thread::yield();
}

TEST_F(RabbitmqQueueTest, RefusesAtOnceWhileThereIsNoBroker) {
  options.urls = {"amqp://guest:guest@127.0.0.1:1/%2F"};
  const auto in = make_rabbitmq_intake(options);
  const auto refused = put(*in, 1);
  ASSERT_FALSE(refused);
  EXPECT_EQ(Errc::unavailable, refused.error().code);
  EXPECT_TRUE(in->depth(server_time(0)).failing);
  const auto out = source();
  out->close();
  EXPECT_TRUE(out->take(9).deliveries.empty());
}

TEST_F(RabbitmqQueueTest, FindsABrokerAmongSeveral) {
  options.urls.insert(options.urls.begin(), "amqp://guest:guest@127.0.0.1:1/%2F");
  EXPECT_TRUE(put(*intake(), 1));
}

TEST_F(RabbitmqQueueTest, GivesToAnotherWhatAConsumerHadThatIsGone) {
  const auto in = intake();
  ASSERT_TRUE(put(*in, 1));
  {
    const auto first = source();
    auto batch = first->take(9);
    EXPECT_FALSE(batch.deliveries.at(0).redelivered);
  }
  const auto second = source();
  const auto batch = second->take(9);
  ASSERT_EQ(1U, batch.deliveries.size());
  EXPECT_TRUE(batch.deliveries[0].redelivered);
  EXPECT_EQ(DeviceNumber{1}, batch.deliveries[0].device);
}

TEST_F(RabbitmqQueueTest, MakesADeadLetterOfWhatNobodyCanRead) {
  const auto out = source();
  ASSERT_TRUE(link().publish(options.queue, rabbitmq::pack_type, "no pack"));
  EXPECT_EQ("no pack", dead_letter().body);
  EXPECT_EQ(0U, out->depth(server_time(0)).deliveries);
}

TEST_F(RabbitmqQueueTest, MakesADeadLetterOfPoisonAndStopsForNobody) {
  const auto in = intake();
  const auto out = source();
  ASSERT_TRUE(put(*in, 1));
  out->settle(out->take(9), fail(Errc::invalid_input, "the database does not understand it"));
  EXPECT_FALSE(out->depth(server_time(0)).failing);
  const auto dead = rabbitmq::deliveries_from_pack(dead_letter().body).value();
  EXPECT_EQ(DeviceNumber{1}, dead.at(0).device);
  ASSERT_TRUE(put(*in, 2));
  EXPECT_EQ(DeviceNumber{2}, out->take(9).deliveries.at(0).device);
}

TEST_F(RabbitmqQueueTest, IsPurgedAndSaysHowManyThereWere) {
  const auto in = intake();
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(put(*in, i));
  auto own = link();
  EXPECT_EQ(3U, own.count_in(options.queue).value().ready);
  EXPECT_EQ(3U, own.purge(options.queue).value());
  EXPECT_EQ(0U, own.count_in(options.queue).value().ready);
}

}  // namespace
}  // namespace packwalk
