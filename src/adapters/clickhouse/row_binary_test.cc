#include "adapters/clickhouse/row_binary.h"

#include <gtest/gtest.h>

namespace packwalk::clickhouse {
namespace {

using namespace std::string_literals;

/// What a server answers to the columns of messages_from_rows(): all but the device.
std::string answered(const Original& original) { return rows_of(std::span(&original, 1)).substr(8); }

Original original(std::string content, std::string reason = "") {
  return {DeviceNumber{1},
          {.received_at = server_time(-2),
           .ordinal = 3,
           .transport = Transport::http_binary,
           .verdict = Verdict::invalid,
           .reason = std::move(reason),
           .hash = 0xfedcba9876543210,
           .content = std::move(content)}};
}

TEST(RowBinary, WritesTheBytesOfItsDescription) {
  const Original one = original("ab"s, "no");
  EXPECT_EQ("\1\0\0\0\0\0\0\0\xfe\xff\xff\xff\xff\xff\xff\xff\3\0\0\0\1\3\2no\x10\x32\x54\x76\x98\xba\xdc\xfe\2ab"s,
            rows_of(std::span(&one, 1)));
}

TEST(RowBinary, ReadsBackTextsOfEveryLength) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 16'383U, 16'384U, 3'000'000U}) {
    const Original one = original(std::string(size, '\xff'), std::string(size / 2, 'r'));
    const auto read = messages_from_rows(answered(one));
    ASSERT_TRUE(read && read->size() == 1) << size;
    EXPECT_EQ(one.message.content, read->front().content);
    EXPECT_EQ(one.message.reason, read->front().reason);
    EXPECT_EQ(one.message.hash, read->front().hash);
    EXPECT_EQ(one.message.received_at, read->front().received_at);
    EXPECT_EQ(Verdict::invalid, read->front().verdict);
  }
}

TEST(RowBinary, AnAnswerThatIsCutOffIsNone) {
  const std::string whole = answered(original(std::string(200, 'x')));
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(std::nullopt, messages_from_rows(std::string_view(whole).substr(0, size))) << size;
  }
  EXPECT_TRUE(messages_from_rows("")->empty());
  EXPECT_EQ(std::nullopt, messages_from_rows(whole.substr(0, 14) + std::string(20, '\xff'))) << "an endless length";
}

}  // namespace
}  // namespace packwalk::clickhouse
