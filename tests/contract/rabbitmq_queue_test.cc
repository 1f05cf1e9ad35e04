// What a queue at a broker does beyond the contract of queues.
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
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
  /// Which knows `known`, of number 7, and nobody else.
  std::unique_ptr<PacketSource> source(const std::string& known = "", const std::function<bool()>& store_answers = {}) {
    const auto find = [known](std::string_view id) {
      return Result<std::optional<DeviceNumber>>(id == known ? std::optional(DeviceNumber{7}) : std::nullopt);
    };
    return make_rabbitmq_source(options, {decode_counted_body, find, 100, store_answers}, clock);
  }
  rabbitmq::Link link() const {
    auto opened = rabbitmq::Link::open(options.urls[0], options);
    auto link = std::move(opened.value());
    EXPECT_TRUE(link.declare(options));
    return link;
  }

  /// What the broker says of one upload.
  static Result<void> put(PacketIntake& intake, std::int64_t device, std::size_t size = 4) {
    Upload upload{.device = DeviceNumber{device},
                  .received_at = server_time(device),
                  .transport = Transport::http_json,
                  .body = body_of_messages(1, size)};
    decode_counted_body(upload);
    std::promise<Result<void>> told;
    auto answer = told.get_future();
    if (auto taken = intake.put(std::move(upload), [&](const Result<void>& kept) { told.set_value(kept); }); !taken) {
      return taken;
    }
    return answer.get();
  }

  static rabbitmq::Delivered dead_letter_of(rabbitmq::Link& from, const BrokerOptions& options) {
    while (true) {
      auto got = from.get(options.dead_queue()).value();
      if (got) return *std::move(got);
      std::this_thread::yield();
    }
  }
  rabbitmq::Delivered dead_letter() const {
    auto from = link();
    return dead_letter_of(from, options);
  }
  /// As the plug-in hands it on.
  void publish_over_mqtt(rabbitmq::Link& link, const std::string& key, const std::string& body,
                         const std::string& content_type = "") const {
    ASSERT_TRUE(link.confirm_publishes());
    ASSERT_TRUE(link.publish_again({.exchange = options.mqtt_exchange(),
                                    .routing_key = key,
                                    .content_type = content_type,
                                    .timestamp_ms = 1'700'000'000'000,
                                    .body = body}));
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
    left -= static_cast<int>(batch.uploads.size());
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
  const QueueDepth depth = in->depth(server_time(0));
  EXPECT_TRUE(depth.failing);
  EXPECT_EQ(0U, depth.why.find("RabbitMQ: ")) << depth.why;
  const auto out = source();
  out->close();
  EXPECT_TRUE(out->take(9).uploads.empty());
}

TEST_F(RabbitmqQueueTest, FindsABrokerAmongSeveral) {
  options.urls.insert(options.urls.begin(), "amqp://guest:guest@127.0.0.1:1/%2F");
  EXPECT_TRUE(put(*intake(), 1));
}

TEST_F(RabbitmqQueueTest, HoldsNoMoreThanThereIsRoomForHoweverLongItIsNotSettled) {
  constexpr std::size_t size = 1024 * 1024;
  constexpr std::size_t count = 30;  // more than sockets hold
  const auto in = intake();
  for (std::size_t i = 0; i < count; ++i) ASSERT_TRUE(put(*in, static_cast<std::int64_t>(i), size));
  options.heartbeat = std::chrono::seconds(3);
  options.waiting_bytes_max = 2 * size;
  const auto out = source();
  // Past several heartbeats, after which the broker would end a link that it takes for dead.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (std::chrono::steady_clock::now() < until) {
    ASSERT_LE(out->depth(server_time(0)).bytes, 2 * size);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  for (std::size_t i = 0; i < count;) {
    auto batch = out->take(100);
    for (const Upload& each : batch.uploads) {
      EXPECT_EQ(DeviceNumber{static_cast<std::int64_t>(i++)}, each.device);
      EXPECT_FALSE(each.redelivered) << "the link was lost";
    }
    out->settle(std::move(batch), {});
  }
}

TEST_F(RabbitmqQueueTest, GivesToAnotherWhatAConsumerHadThatIsGone) {
  const auto in = intake();
  ASSERT_TRUE(put(*in, 1));
  {
    const auto first = source();
    auto batch = first->take(9);
    EXPECT_FALSE(batch.uploads.at(0).redelivered);
  }
  const auto second = source();
  const auto batch = second->take(9);
  ASSERT_EQ(1U, batch.uploads.size());
  EXPECT_TRUE(batch.uploads[0].redelivered);
  EXPECT_EQ(DeviceNumber{1}, batch.uploads[0].device);
}

TEST_F(RabbitmqQueueTest, AcknowledgesNothingThatIsOpenWithWhatCameAfterIt) {
  {
    const auto in = intake();
    for (std::int64_t device = 1; device <= 3; ++device) ASSERT_TRUE(put(*in, device));
    const auto out = source();
    std::vector<UploadBatch> batches;
    for (int i = 0; i < 3; ++i) batches.push_back(out->take(1));
    out->settle(std::move(batches[2]), {});
    out->settle(std::move(batches[0]), {});
  }
  auto from = link();
  std::optional<rabbitmq::Delivered> open;
  while (!open) open = from.get(options.queue).value();
  const auto uploads = rabbitmq::uploads_from_pack(open->body);
  ASSERT_TRUE(uploads);
  EXPECT_EQ(DeviceNumber{2}, uploads->at(0).device);
  EXPECT_FALSE(from.get(options.queue).value()) << "the others are settled";
}

TEST_F(RabbitmqQueueTest, MakesADeadLetterOfWhatNobodyCanRead) {
  const auto out = source();
  ASSERT_TRUE(link().publish(options.queue, rabbitmq::pack_type, "no pack"));
  EXPECT_EQ("no pack", dead_letter().body);
  EXPECT_EQ(0U, out->depth(server_time(0)).uploads);
}

TEST_F(RabbitmqQueueTest, MakesADeadLetterOfPoisonAndStopsForNobody) {
  const auto in = intake();
  const auto out = source();
  ASSERT_TRUE(put(*in, 1));
  out->settle(out->take(9), fail(Errc::invalid_input, "the database does not understand it"));
  EXPECT_FALSE(out->depth(server_time(0)).failing);
  const rabbitmq::Delivered letter = dead_letter();
  EXPECT_EQ("", letter.exchange);
  EXPECT_EQ(options.queue, letter.routing_key) << "where it came from";
  EXPECT_EQ(DeviceNumber{1}, rabbitmq::uploads_from_pack(letter.body).value().at(0).device);
  ASSERT_TRUE(put(*in, 2));
  EXPECT_EQ(DeviceNumber{2}, out->take(9).uploads.at(0).device);
}

TEST_F(RabbitmqQueueTest, TakesWhatCameOverMqttForTheDeviceOfItsTopic) {
  auto own = link();
  publish_over_mqtt(own, "v1.rex.packets", body_of_messages(1, 50));
  publish_over_mqtt(own, "v1.rex.packets", body_of_messages(1, 101));
  const auto out = source("rex");
  std::vector<Upload> taken;
  while (taken.size() < 2) {
    auto batch = out->take(9);
    taken.insert(taken.end(), batch.uploads.begin(), batch.uploads.end());
    out->settle(std::move(batch), {});
  }
  EXPECT_EQ(DeviceNumber{7}, taken[0].device);
  EXPECT_EQ(Transport::mqtt_binary, taken[0].transport);
  EXPECT_EQ(1'700'000'000'000, microseconds_since_1970(taken[0].received_at) / 1000);
  EXPECT_EQ("", taken[0].unreadable);
  EXPECT_EQ("the body has more than 100 bytes", taken[1].unreadable);
  EXPECT_EQ(101U, taken[1].body.size()) << "kept, not read";
}

TEST_F(RabbitmqQueueTest, NeverBelievesThatAPackCameOverMqtt) {
  // Of a size that makes the pack begin with '1', as bodies do that the test can count.
  const Upload forged{.device = DeviceNumber{1}, .received_at = server_time(1), .body = body_of_messages(1, 28)};
  std::string pack;
  rabbitmq::append_to_pack(pack, forged);
  ASSERT_EQ('1', pack[0]);
  auto own = link();
  publish_over_mqtt(own, "v1.rex.packets", pack, std::string(rabbitmq::pack_type));
  const auto taken = source("rex")->take(9).uploads;
  EXPECT_EQ(DeviceNumber{7}, taken.at(0).device);
  EXPECT_EQ(pack, taken[0].body);
}

TEST_F(RabbitmqQueueTest, BringsADeadLetterBackToTheTopicThatItCameBy) {
  auto own = link();
  publish_over_mqtt(own, "v1.rex.packets", body_of_messages(1, 50));
  rabbitmq::Delivered dead;
  {
    const auto out = source("nobody");
    dead = dead_letter_of(own, options);
  }
  EXPECT_EQ(options.mqtt_exchange(), dead.exchange);
  EXPECT_EQ("v1.rex.packets", dead.routing_key);
  ASSERT_TRUE(own.publish_again(dead));
  ASSERT_TRUE(own.acknowledge(dead.tag));
  const auto taken = source("rex")->take(9).uploads;
  EXPECT_EQ(DeviceNumber{7}, taken.at(0).device);
  EXPECT_EQ(1'700'000'000'000, microseconds_since_1970(taken[0].received_at) / 1000) << "when it came at first";
}

TEST_F(RabbitmqQueueTest, GivesBackWhatItHoldsWhileTheStoreIsAwayAndOnceOnly) {
  options.hold_max = std::chrono::seconds(1);
  options.deliveries_max = 1;  // a second return would make a dead letter
  std::atomic<bool> answers = false;
  const auto in = intake();
  const auto out = source("", [&] { return answers.load(); });
  ASSERT_TRUE(put(*in, 1));
  out->settle(out->take(9), fail(Errc::unavailable, "the store is away"));
  auto own = link();
  while (own.count_in(options.queue).value().ready == 0) std::this_thread::yield();
  // For several times as long as it would hold them.
  const auto until = std::chrono::steady_clock::now() + 3 * options.hold_max;
  while (std::chrono::steady_clock::now() < until) {
    ASSERT_EQ(1U, own.count_in(options.queue).value().ready);
    ASSERT_TRUE(out->depth(server_time(0)).failing);
    ASSERT_EQ(0U, out->depth(server_time(0)).uploads);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  answers = true;
  auto batch = out->take(9);
  ASSERT_EQ(1U, batch.uploads.size());
  EXPECT_TRUE(batch.uploads[0].redelivered);
  EXPECT_FALSE(out->depth(server_time(0)).failing);
  out->settle(std::move(batch), {});
  EXPECT_EQ(0U, own.count_in(options.dead_queue()).value().ready);
}

TEST_F(RabbitmqQueueTest, CountsADeliveryAgainstItsLimitWithEachLinkThatIsLost) {
  options.deliveries_max = 1;
  const auto in = intake();
  ASSERT_TRUE(put(*in, 1));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(1U, source()->take(9).uploads.size());
  EXPECT_EQ(DeviceNumber{1}, rabbitmq::uploads_from_pack(dead_letter().body).value().at(0).device);
}

TEST_F(RabbitmqQueueTest, HoldsWhatAStoreRefusesThatAnswers) {
  options.hold_max = std::chrono::seconds(1);
  const auto in = intake();
  const auto out = source("", [] { return true; });
  ASSERT_TRUE(put(*in, 1));
  const auto until = std::chrono::steady_clock::now() + 3 * options.hold_max;
  while (std::chrono::steady_clock::now() < until) {
    auto batch = out->take(9);
    ASSERT_EQ(1U, batch.uploads.size());
    out->settle(std::move(batch), fail(Errc::unavailable, "its disk is full"));
    ASSERT_EQ(0U, link().count_in(options.queue).value().ready);
  }
  out->settle(out->take(9), {});
}

TEST_F(RabbitmqQueueTest, SendsABodyThatNoSocketHoldsAndGetsItBackWhole) {
  const auto in = intake();
  const auto out = source();
  constexpr std::size_t size = 24UL * 1024 * 1024;
  ASSERT_TRUE(put(*in, 1, size));
  const auto batch = out->take(9);
  ASSERT_EQ(1U, batch.uploads.size());
  EXPECT_EQ(body_of_messages(1, size), batch.uploads[0].body);
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
