#include "app/ingest/accept_packets.h"

#include <gtest/gtest.h>

#include <array>
#include <iomanip>
#include <sstream>
#include <tuple>

#include "app/ingest/ingest_batch.h"
#include "app/ingest/kept_body.h"
#include "core/packet/binary_form.h"
#include "core/packet/json_form.h"
#include "core/packet/upload_record.h"

namespace packwalk {
namespace {

constexpr std::int64_t now_seconds = 1'767'261'600;
constexpr DeviceNumber dog{7};

class StoppedClock final : public Clock {
 public:
  ServerTime now() override { return server_time(now_seconds * 1'000'000 + 999'999); }
  ServerTime stamp() override { return now(); }
};

/// Keeps what is put, or refuses it.
class ListedQueue final : public PacketQueue {
 public:
  Result<void> put(Upload upload, Confirmation confirm) override {
    if (refusal) return fail(*refusal, "no");
    uploads.push_back(std::move(upload));
    confirmations.push_back(std::move(confirm));
    return {};
  }
  UploadBatch take(std::size_t /*messages_max*/) override { return {}; }
  void settle(UploadBatch /*batch*/, const Result<void>& /*outcome*/) override {}
  void close() override {}
  QueueDepth depth(ServerTime /*now*/) const override { return {}; }

  std::optional<Errc> refusal;
  std::vector<Upload> uploads;
  std::vector<Confirmation> confirmations;
};

TrackPacket track_at(std::int64_t seconds) {
  return {.status = 1, .timestamp = device_time(seconds), .position = LatLon::from_degrees(48.7, 44.5).value()};
}

class AcceptPacketsTest : public testing::Test {
 protected:
  TakeReceipt keep_answer() {
    return [this](const Result<Receipt>& told) { answers.push_back(told); };
  }
  void accept(Transport transport, std::string body, const Wrapping& wrapping = {}) {
    accept_packets.accept(dog, transport, std::move(body), keep_answer(), wrapping);
  }
  std::string reason(std::size_t message) { return reason_of(only_upload().messages.at(message).content); }
  static std::string hex(std::string_view bytes) {
    std::ostringstream text;
    text << std::hex << std::setw(16) << std::setfill('0') << hash_of_bytes(bytes);
    return text.str();
  }
  /// As a queue does behind a crash or across a wire.
  void expect_the_same_when_decoded_again() {
    Upload again = upload_from_record(record_of(only_upload())).value();
    ASSERT_TRUE(decode_upload(again, {.packets_max = 1'000'000}));
    EXPECT_EQ(only_upload().body, again.body);
    ASSERT_EQ(only_upload().messages.size(), again.messages.size());
    for (std::size_t i = 0; i < again.messages.size(); ++i) {
      const DecodedMessage& first = only_upload().messages[i];
      EXPECT_EQ(first.content, again.messages[i].content);
      EXPECT_EQ(std::tuple(first.offset, first.size, first.hash),
                std::tuple(again.messages[i].offset, again.messages[i].size, again.messages[i].hash));
    }
  }
  const Upload& only_upload() { return queue.uploads.at(0); }
  std::string original(std::size_t message) {
    const DecodedMessage& decoded = only_upload().messages.at(message);
    return only_upload().body.substr(decoded.offset, decoded.size);
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
  AcceptPackets many{queue, clock, AcceptRules{}};
  AcceptPackets limited{queue, clock, AcceptRules{}, {.day_max = 5, .unreadable_max = 200}};
  std::vector<Result<Receipt>> answers;
};

TEST_F(AcceptPacketsTest, CountsWhatIsTakenOnceItIsSafe) {
  accept(Transport::http_binary, encode_binary(track_at(now_seconds)) + encode_wide(track_at(now_seconds - 1)));
  EXPECT_EQ(dog, only_upload().device);
  EXPECT_EQ(server_time(now_seconds * 1'000'000 + 999'999), only_upload().received_at);
  EXPECT_EQ(Transport::http_binary, only_upload().transport);
  const Receipt told = receipt();
  EXPECT_EQ(2u, told.taken);
  EXPECT_TRUE(told.invalid.empty());
  EXPECT_FALSE(told.unreadable);
}

TEST_F(AcceptPacketsTest, NamesIndexFieldAndReasonOfWhatIsInvalidAndKeepsItToo) {
  const std::string bad = R"({"type":"track","timestamp":1767261600,"lat":91,"lon":4})";
  accept(Transport::http_json, "[" + encode_json(track_at(now_seconds)) + "," + bad + ",7]");
  ASSERT_EQ(3u, only_upload().messages.size());
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
  ASSERT_EQ(1u, only_upload().messages.size());
  EXPECT_EQ(body, original(0));
  const DecodedMessage& message = only_upload().messages[0];
  EXPECT_TRUE(std::get<Flaw>(message.content).reason.starts_with("cannot be read: "));
  EXPECT_EQ(hash_of_bytes(body), message.hash);
  const Receipt told = receipt();
  EXPECT_EQ(0u, told.taken);
  EXPECT_TRUE(told.invalid.empty());
  ASSERT_TRUE(told.unreadable);
  EXPECT_EQ(body.size(), told.unreadable->byte_offset);
}

TEST_F(AcceptPacketsTest, KeepsNoMoreThan64KibibytesOfAnUnreadableBodyAndTheHashOfAll) {
  const std::string body = "{" + std::string(200'000, ' ');
  accept(Transport::http_json, body);
  ASSERT_EQ(1u, only_upload().messages.size());
  EXPECT_EQ(body.substr(0, kept_bytes_max), only_upload().body);
  EXPECT_EQ(hash_of_bytes(only_upload().body), only_upload().messages[0].hash);
  EXPECT_NE(std::string::npos, reason(0).find("the first 65536 of 200001 bytes, whose XXH3 is " + hex(body)))
      << reason(0);
  EXPECT_EQ(200'001u, receipt().unreadable->byte_offset);
}

TEST_F(AcceptPacketsTest, KeepsAnUnreadableBodyAsItCameWhereThatWasPacked) {
  const std::string packed(100'000, 'z');
  accept(Transport::http_json, std::string(8'000'000, ' '), {.packed_bytes = packed.size(), .packed = packed});
  EXPECT_EQ(packed.substr(0, kept_bytes_max), only_upload().body);
  EXPECT_NE(std::string::npos,
            reason(0).find("in gzip; kept are the first 65536 of 100000 bytes, whose XXH3 is " + hex(packed)));
  expect_the_same_when_decoded_again();
  EXPECT_TRUE(receipt().unreadable);
}

TEST_F(AcceptPacketsTest, KeepsWhatCannotBeUnpackedAsItCame) {
  accept(Transport::http_json, "no gzip", {.packed_bytes = 7, .unreadable = "is not a gzip stream"});
  EXPECT_EQ("no gzip", original(0));
  EXPECT_EQ("cannot be read: is not a gzip stream", reason(0));
  expect_the_same_when_decoded_again();
}

TEST_F(AcceptPacketsTest, KeepsABodyOfManyPacketsOfWhichNoneIsValidAsOne) {
  std::string lines;
  for (std::size_t i = 0; i <= kept_invalid_max; ++i) lines.append("{}\n");
  many.accept(dog, Transport::http_ndjson, lines, keep_answer());
  EXPECT_EQ(1u, only_upload().messages.size());
  EXPECT_EQ(lines, original(0));
  EXPECT_EQ("cannot be read: none of its 257 packets is valid, the first: type is missing", reason(0));
  expect_the_same_when_decoded_again();
  const Receipt told = receipt();
  EXPECT_FALSE(told.unreadable);
  EXPECT_EQ(257u, told.invalid_count);
  ASSERT_EQ(1u, told.invalid.size()) << "a run of equal flaws";
  EXPECT_EQ(0u, told.invalid[0].index);
  EXPECT_EQ(256u, told.invalid[0].last);
}

TEST_F(AcceptPacketsTest, MergesInvalidPacketsBeyondABoundAndKeepsTheValidOnes) {
  const std::string good = encode_json(track_at(now_seconds));
  std::string body = "[" + good;
  for (int i = 0; i < 1000; ++i) body.append(i % 2 == 0 ? ",{}" : ",7");
  body.append("," + good + "]");
  many.accept(dog, Transport::http_json, body, keep_answer());
  const auto& messages = only_upload().messages;
  ASSERT_EQ(2 + kept_invalid_max + 1, messages.size());
  EXPECT_EQ("{}", original(1));
  EXPECT_TRUE(original(kept_invalid_max + 1).starts_with("{},7,{}"));
  EXPECT_EQ("cannot be read: 744 more packets of its body are not valid, the first: type is missing",
            reason(kept_invalid_max + 1));
  EXPECT_EQ(good, original(kept_invalid_max + 2)) << "in the order of the body";
  expect_the_same_when_decoded_again();
  const Receipt told = receipt();
  EXPECT_EQ(2u, told.taken);
  EXPECT_EQ(1000u, told.invalid_count);
  EXPECT_EQ(Receipt::invalid_listed_max, told.invalid.size());
}

TEST_F(AcceptPacketsTest, KeepsAtMost64KibibytesOfAllInvalidPacketsOfABody) {
  const std::string good = encode_json(track_at(now_seconds));
  std::string body = "[" + good;
  for (int i = 0; i < 100; ++i) body.append(",[\"" + std::string(5000, 'x') + "\"]");
  many.accept(dog, Transport::http_json, body + "]", keep_answer());
  std::size_t bytes = 0;
  for (const DecodedMessage& message : only_upload().messages) bytes += message.size;
  EXPECT_EQ(kept_bytes_max + good.size(), bytes);
  EXPECT_NE(std::string::npos, reason(only_upload().messages.size() - 1).find("whose XXH3 is "));
  expect_the_same_when_decoded_again();
}

TEST_F(AcceptPacketsTest, RefusesPackedPacketsThatAreMuchLongerThanWhatCame) {
  const std::string padded =
      R"({"a":")" + std::string(200'000, 'x') + "\"," + encode_json(track_at(now_seconds)).substr(1);
  accept(Transport::http_json, padded, {.packed_bytes = 2000, .packed = "z"});
  EXPECT_EQ(Errc::too_large, answers.at(0).error().code);
  EXPECT_TRUE(queue.uploads.empty());
  accept(Transport::http_json, padded);
  EXPECT_EQ(1u, queue.uploads.size()) << "on the wire it is as long as on the disk";
}

TEST_F(AcceptPacketsTest, RefusesForTodayWhatIsMoreThanADeviceMaySendInADay) {
  const std::string record = encode_binary(track_at(now_seconds));
  limited.accept(dog, Transport::http_binary, record + record, keep_answer());
  queue.refusal = Errc::overloaded;
  limited.accept(dog, Transport::http_binary, record + record + record, keep_answer());
  EXPECT_EQ(Errc::overloaded, answers.at(0).error().code);
  queue.refusal.reset();
  limited.accept(dog, Transport::http_binary, record + record + record, keep_answer());
  EXPECT_EQ(2u, queue.uploads.size()) << "what the queue refused was not counted";
  queue.confirmations[1](fail(Errc::unavailable, "the disk is full"));
  limited.accept(dog, Transport::http_binary, record + record + record, keep_answer());
  EXPECT_EQ(3u, queue.uploads.size()) << "nor what was not kept";
  EXPECT_TRUE(limited.limit_of(dog));
  limited.accept(dog, Transport::http_binary, record, keep_answer());
  ASSERT_TRUE(answers.back().value().refused);
  EXPECT_EQ(DeviceLimit::day, answers.back()->refused->limit);
  EXPECT_EQ(3u, queue.uploads.size());
  EXPECT_FALSE(limited.limit_of(DeviceNumber{8}));
}

TEST_F(AcceptPacketsTest, CountsEachOrdinaryPacketForTheDayValidOrNot) {
  const std::string json = encode_json(track_at(now_seconds));
  limited.accept(dog, Transport::http_json, "[" + json + ",{}]", keep_answer());
  limited.accept(dog, Transport::http_json, "[" + json + ",{}]", keep_answer());
  EXPECT_EQ(2u, queue.uploads.size());
  limited.accept(dog, Transport::http_json, "[" + json + ",{}]", keep_answer());
  EXPECT_TRUE(answers.back().value().refused) << "six are more than five";
  EXPECT_EQ(2u, queue.uploads.size());
}

TEST_F(AcceptPacketsTest, CountsPaddedPacketsForTheDayAsThePagesThatTheyTake) {
  const std::string padded = R"({"a":")" + std::string(890, 'x') + "\"," + encode_json(track_at(now_seconds)).substr(1);
  ASSERT_LT(padded.size(), 1024u);
  limited.accept(dog, Transport::http_json, padded, keep_answer());
  ASSERT_FALSE(answers.empty()) << "it was taken";
  EXPECT_EQ(Errc::too_large, answers.at(0).error().code) << "it takes 4,757 bytes of disk, and a day has 5 times 150";
}

TEST_F(AcceptPacketsTest, CountsUnreadableBodiesAndThoseTooLarge) {
  EXPECT_FALSE(limited.limit_of(dog));
  for (int i = 0; i < 4; ++i) limited.count_too_large(dog);
  ASSERT_TRUE(limited.limit_of(dog));
  EXPECT_EQ(DeviceLimit::unreadable, limited.limit_of(dog)->limit);
}

TEST_F(AcceptPacketsTest, KeepsAnEmptyBodyThatSaysNothing) {
  accept(Transport::http_binary, "");
  ASSERT_EQ(1u, only_upload().messages.size());
  EXPECT_EQ("", original(0));
  EXPECT_TRUE(receipt().unreadable);
}

TEST_F(AcceptPacketsTest, KeepsNothingOfAnEmptyArray) {
  accept(Transport::http_json, "[]");
  EXPECT_TRUE(queue.uploads.empty());
  ASSERT_EQ(1u, answers.size());
  EXPECT_EQ(0u, answers[0].value().taken);
}

TEST_F(AcceptPacketsTest, TakesNothingOfMorePacketsThanARequestMayHave) {
  const std::string record = encode_binary(track_at(now_seconds));
  accept(Transport::http_binary, record + record + record + record);
  ASSERT_EQ(1u, answers.size());
  EXPECT_EQ(Errc::too_large, answers[0].error().code);
  EXPECT_TRUE(queue.uploads.empty());
  accept(Transport::http_binary, record + record + record);
  EXPECT_EQ(1u, queue.uploads.size());
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
  for (const Errc code :
       {Errc::not_found, Errc::conflict, Errc::corrupt, Errc::broken, Errc::invalid_input, Errc::too_large}) {
    accept(Transport::http_binary, encode_binary(track_at(now_seconds)));
    queue.confirmations.back()(fail(code, "fixes_202605 is lost"));
    EXPECT_EQ(Errc::unavailable, answers.back().error().code);
  }
}

TEST_F(AcceptPacketsTest, ThrowsNothingAtTheQueueThatConfirms) {
  const auto throws = [](const Result<Receipt>&) { throw std::bad_alloc(); };
  for (const auto& kept : {Result<void>(), Result<void>(fail(Errc::unavailable, "the disk is full"))}) {
    accept_packets.accept(dog, Transport::http_binary, encode_binary(track_at(now_seconds)), throws);
    EXPECT_NO_THROW(queue.confirmations.back()(kept));
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
  Upload upload{.device = DeviceNumber{1},
                .received_at = server_time(now_seconds * 1'000'000),
                .transport = Transport::http_binary,
                .body = encode_binary(track_at(earliest)) + encode_binary(track_at(earliest - 1))};
  const Receipt told = decode_upload(upload, {.months_kept = 2}).value();
  EXPECT_EQ(1u, told.taken);
  ASSERT_EQ(1u, told.invalid.size());
  EXPECT_TRUE(told.invalid[0].flaw.reason.starts_with("is before store.keep_fixes_months ("))
      << told.invalid[0].flaw.reason;
}

TEST_F(AcceptPacketsTest, HashesTheCanonicalFormWhateverTheTransport) {
  const std::string json = encode_json(track_at(now_seconds));
  accept(Transport::http_ndjson, json + "\n" + json);
  accept(Transport::http_binary, encode_binary(track_at(now_seconds)));
  const ContentHash hash = hash_of_bytes(canonical_form(track_at(now_seconds)));
  EXPECT_EQ(hash, queue.uploads.at(0).messages.at(1).hash);
  EXPECT_EQ(hash, queue.uploads.at(1).messages.at(0).hash);
}

}  // namespace
}  // namespace packwalk
