#include "packwalk/commands/replay_values.h"

#include <gtest/gtest.h>

#include "collars/collar_client.h"

namespace packwalk {
namespace {

TEST(ReplayValues, ReadAsTheyAreWritten) {
  EXPECT_EQ(0, speed_from("max"));
  EXPECT_EQ(2.5, speed_from("2.5"));
  EXPECT_FALSE(speed_from("0"));
  EXPECT_FALSE(speed_from("-1"));
  EXPECT_FALSE(speed_from("fast"));
  EXPECT_DOUBLE_EQ(0.05, whole_share_from("5%").value());
  EXPECT_FALSE(whole_share_from("101%"));
  EXPECT_FALSE(whole_share_from("nan"));
  EXPECT_EQ(30, duration_seconds_from("30s"));
  EXPECT_EQ(300, duration_seconds_from("5m"));
  EXPECT_FALSE(duration_seconds_from("-1s"));
  EXPECT_FALSE(duration_seconds_from(""));
  const auto hold_back = hold_back_from("2%x8h");
  ASSERT_TRUE(hold_back);
  EXPECT_DOUBLE_EQ(0.02, hold_back->share);
  EXPECT_EQ(28'800, hold_back->seconds);
  EXPECT_FALSE(hold_back_from("2%"));
  EXPECT_FALSE(hold_back_from("2%x"));
  EXPECT_FALSE(hold_back_from("x8h"));
}

TEST(ServerAddress, IsReadFromAUrlOrFromHostAndPort) {
  EXPECT_EQ((ServerAddress{"127.0.0.1", 8080}), server_address_from("http://127.0.0.1:8080").value());
  EXPECT_EQ((ServerAddress{"dogs.example", 80}), server_address_from("HTTP://dogs.example/").value());
  EXPECT_EQ((ServerAddress{"::1", 81}), server_address_from("[::1]:81").value());
  EXPECT_EQ((ServerAddress{"localhost", 8080}), server_address_from("localhost:8080").value());
  for (const char* wrong : {"", "https://a:1", "http://a:0", "http://a:x", "http://a/b", "http://", "[::1", "a b:1"}) {
    EXPECT_FALSE(server_address_from(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace packwalk
