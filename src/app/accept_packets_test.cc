#include "app/accept_packets.h"

#include <gtest/gtest.h>

#include <array>

#include "core/packet/binary_form.h"
#include "core/packet/json_form.h"

namespace packwalk {
namespace {

constexpr std::int64_t now_seconds = 1'767'261'600;
constexpr DeviceNumber dog{7};

class StoppedClock final : public Clock {
 public:
  ServerTime now() override { return server_time(now_seconds * 1'000'000 + 999'999); }
};

/// Keeps what is put, or refuses it.
class ListedQueue final : public PacketQueue {
 public:
  Result<void> put(Delivery delivery, Confirmation confirm) override {
    if (refusal) return fail(*refusal, "no");
    deliveries.push_back(std::move(delivery));
    confirmations.push_back(std::move(confirm));
    return {};
  }
  DeliveryBatch take(std::size_t /*messages_max*/) override { return {}; }
  void settle(DeliveryBatch /*batch*/, const Result<void>& /*outcome*/) override {}
  void close() override {}
  QueueDepth depth(ServerTime /*now*/) const override { return {}; }

  std::optional<Errc> refusal;
  std::vector<Delivery> deliveries;
  std::vector<Confirmation> confirmations;
};

TrackPacket track_at(std::int64_t seconds) {
  return {.status = 1, .timestamp = device_time(seconds), .position = LatLon::from_degrees(48.7, 44.5).value()};
}

class AcceptPacketsTest : public testing::Test {
 protected:
  void accept(Transport transport, std::string body) {
    accept_packets.accept(dog, transport, std::move(body),
                          [this](const Result<Receipt>& told) { answers.push_back(told); });
  }
  const Delivery& only_delivery() { return queue.deliveries.at(0); }
  std::string original(std::size_t message) {
    const DecodedMessage& decoded = only_delivery().messages.at(message);
    return only_delivery().body.substr(decoded.offset, decoded.size);
  }
  /// The receipt after everything was committed.
  Receipt receipt() {
    EXPECT_TRUE(answers.empty()) << "told before it was safe";
    for (const Confirmation& confirm : queue.confirmations) confirm({});
    return answers.at(0).value();
  }

  ListedQueue queue;
  StoppedClock clock;
  AcceptRules rules{.packets_max = 3};
  AcceptPackets accept_packets{queue, clock, rules};
  std::vector<Result<Receipt>> answers;
};

TEST_F(AcceptPacketsTest, CountsWhatIsTakenOnceItIsSafe) {
  accept(Transport::http_binary, encode_binary(track_at(now_seconds)) + encode_wide(track_at(now_seconds - 1)));
  EXPECT_EQ(dog, only_delivery().device);
  EXPECT_EQ(server_time(now_seconds * 1'000'000 + 999'999), only_delivery().received_at);
  EXPECT_EQ(Transport::http_binary, only_delivery().transport);
  const Receipt told = receipt();
  EXPECT_EQ(2u, told.taken);
  EXPECT_TRUE(told.invalid.empty());
  EXPECT_FALSE(told.unreadable);
}

TEST_F(AcceptPacketsTest, NamesIndexFieldAndReasonOfWhatIsInvalidAndKeepsItToo) {
  const std::string bad = R"({"type":"track","timestamp":1767261600,"lat":91,"lon":4})";
  accept(Transport::http_json, "[" + encode_json(track_at(now_seconds)) + "," + bad + ",7]");
  ASSERT_EQ(3u, only_delivery().messages.size());
  EXPECT_EQ(bad, original(1));
  EXPECT_EQ("7", original(2));
  const Receipt told = receipt();
  EXPECT_EQ(1u, told.taken);
  ASSERT_EQ(2u, told.invalid.size());
  EXPECT_EQ(1u, told.invalid[0].index);
  EXPECT_EQ((Flaw{"lat", "is not between -90 and 90"}), told.invalid[0].flaw);
  EXPECT_EQ(2u, told.invalid[1].index);
  EXPECT_EQ((Flaw{"", "is not an object"}), told.invalid[1].flaw);
}

TEST_F(AcceptPacketsTest, KeepsABodyThatCannotBeReadAsOneMessage) {
  const std::string body = "[" + encode_json(track_at(now_seconds)) + ", {\"type\":";
  accept(Transport::http_json, body);
  ASSERT_EQ(1u, only_delivery().messages.size());
  EXPECT_EQ(body, original(0));
  const DecodedMessage& message = only_delivery().messages[0];
  EXPECT_TRUE(std::get<Flaw>(message.content).reason.starts_with("cannot be read: "));
  EXPECT_EQ(hash_of_bytes(body), message.hash);
  const Receipt told = receipt();
  EXPECT_EQ(0u, told.taken);
  EXPECT_TRUE(told.invalid.empty());
  ASSERT_TRUE(told.unreadable);
  EXPECT_EQ(body.size(), told.unreadable->byte_offset);
}

TEST_F(AcceptPacketsTest, KeepsAnEmptyBodyThatSaysNothing) {
  accept(Transport::http_binary, "");
  ASSERT_EQ(1u, only_delivery().messages.size());
  EXPECT_EQ("", original(0));
  EXPECT_TRUE(receipt().unreadable);
}

TEST_F(AcceptPacketsTest, KeepsNothingOfAnEmptyArray) {
  accept(Transport::http_json, "[]");
  EXPECT_TRUE(queue.deliveries.empty());
  ASSERT_EQ(1u, answers.size());
  EXPECT_EQ(0u, answers[0].value().taken);
}

TEST_F(AcceptPacketsTest, TakesNothingOfMorePacketsThanARequestMayHave) {
  const std::string record = encode_binary(track_at(now_seconds));
  accept(Transport::http_binary, record + record + record + record);
  ASSERT_EQ(1u, answers.size());
  EXPECT_EQ(Errc::too_large, answers[0].error().code);
  EXPECT_TRUE(queue.deliveries.empty());
  accept(Transport::http_binary, record + record + record);
  EXPECT_EQ(1u, queue.deliveries.size());
}

TEST_F(AcceptPacketsTest, PassesOnThatTheQueueIsFullOrClosed) {
  for (const Errc refusal : {Errc::overloaded, Errc::unavailable}) {
    queue.refusal = refusal;
    accept(Transport::http_binary, encode_binary(track_at(now_seconds)));
    EXPECT_EQ(refusal, answers.back().error().code);
  }
  EXPECT_EQ(2u, answers.size());
}

TEST_F(AcceptPacketsTest, PassesOnThatTheBatchWasNotKept) {
  accept(Transport::http_binary, encode_binary(track_at(now_seconds)));
  queue.confirmations.at(0)(fail(Errc::unavailable, "the disk is full"));
  ASSERT_EQ(1u, answers.size());
  EXPECT_EQ(Errc::unavailable, answers[0].error().code);
  EXPECT_EQ("the disk is full", answers[0].error().detail);
}

TEST_F(AcceptPacketsTest, TellsASenderToTryAgainWhateverIsWrongWithTheStore) {
  for (const Errc code : {Errc::not_found, Errc::conflict, Errc::corrupt, Errc::invalid_input, Errc::too_large}) {
    accept(Transport::http_binary, encode_binary(track_at(now_seconds)));
    queue.confirmations.back()(fail(code, "fixes_202605 is lost"));
    EXPECT_EQ(Errc::unavailable, answers.back().error().code);
  }
}

TEST_F(AcceptPacketsTest, MeasuresTheFutureFromTheTimeOfReceipt) {
  const std::int64_t latest = now_seconds + rules.future_slack.count();
  accept(Transport::http_binary, encode_binary(track_at(latest)) + encode_binary(track_at(latest + 1)));
  const Receipt told = receipt();
  EXPECT_EQ(1u, told.taken);
  ASSERT_EQ(1u, told.invalid.size());
  EXPECT_EQ((Flaw{"timestamp", "is in the future"}), told.invalid[0].flaw);
}

TEST_F(AcceptPacketsTest, DoesNotBelieveATimeBeforeTheEarliest) {
  const std::int64_t earliest = seconds_since_1970(rules.earliest);
  accept(Transport::http_binary, encode_binary(track_at(earliest)) + encode_binary(track_at(earliest - 1)));
  EXPECT_EQ(1u, receipt().taken);
}

TEST_F(AcceptPacketsTest, DoesNotBelieveATimeFromBeforeTheMonthsThatAreKept) {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(server_time(now_seconds * 1'000'000)));
  const auto first_month = std::chrono::year_month(today.year(), today.month()) - std::chrono::months(2);
  const std::int64_t earliest = seconds_since_1970(std::chrono::sys_days(first_month / 1));
  Delivery delivery{.device = DeviceNumber{1},
                    .received_at = server_time(now_seconds * 1'000'000),
                    .transport = Transport::http_binary,
                    .body = encode_binary(track_at(earliest)) + encode_binary(track_at(earliest - 1))};
  const Receipt told = decode_delivery(delivery, {.months_kept = 2}).value();
  EXPECT_EQ(1u, told.taken);
  ASSERT_EQ(1u, told.invalid.size());
  EXPECT_EQ((Flaw{"timestamp", std::string(reason_too_early)}), told.invalid[0].flaw);
}

TEST_F(AcceptPacketsTest, HashesTheCanonicalFormWhateverTheTransport) {
  const std::string json = encode_json(track_at(now_seconds));
  accept(Transport::http_ndjson, json + "\n" + json);
  accept(Transport::http_binary, encode_binary(track_at(now_seconds)));
  const ContentHash hash = hash_of_bytes(canonical_form(track_at(now_seconds)));
  EXPECT_EQ(hash, queue.deliveries.at(0).messages.at(1).hash);
  EXPECT_EQ(hash, queue.deliveries.at(1).messages.at(0).hash);
}

}  // namespace
}  // namespace packwalk
