// What travels on the bus, and where it is.
#include "adapters/redis/bus_message.h"

#include <gtest/gtest.h>

#include "adapters/redis/client.h"

namespace packwalk::redis {
namespace {

DevicePosition position(std::int64_t device, MaybeMeters altitude) {
  return {DeviceNumber{device}, Fix{.position = LatLon::from_degrees(-48.7, 179.5).value(),
                                    .altitude = altitude,
                                    .accuracy = {},
                                    .timestamp = device_time(-5),
                                    .received_at = server_time(1'770'000'000'000'007),
                                    .status = 255}};
}

TEST(BusMessage, ReadsBackAsItWas) {
  const std::vector positions = {position(1, 40.5), position(1'000'000'007, {})};
  const auto message = bus_message_from(bus_message(7, 9, positions)).value();
  EXPECT_EQ(7U, message.worker);
  EXPECT_EQ(9U, message.number);
  EXPECT_EQ(positions, message.positions);
  EXPECT_TRUE(bus_message_from(bus_message(7, 9, {}))->positions.empty());
}

TEST(BusMessage, RefusesWhatIsNone) {
  const std::vector positions = {position(1, 40.5)};
  const std::string bytes = bus_message(7, 9, positions);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(size == 16, bus_message_from(bytes.substr(0, size)).has_value()) << size;
  }
  std::string nowhere = bytes;
  nowhere.replace(24, 8, 8, '\x7f');
  EXPECT_FALSE(bus_message_from(nowhere));
}

TEST(Address, IsReadFromAUrl) {
  const auto full = address_from("redis://packwalk:p%40ss:word@[::1]:6380", "ca.pem").value();
  EXPECT_EQ("packwalk", full.user);
  EXPECT_EQ("p@ss:word", full.password);
  EXPECT_EQ("::1", full.host);
  EXPECT_EQ(6380, full.port);
  const auto plain = address_from("redis://127.0.0.1/", "").value();
  EXPECT_EQ("127.0.0.1", plain.host);
  EXPECT_EQ(6379, plain.port);
  EXPECT_FALSE(plain.tls);
  const auto safe = address_from("rediss://cache.example", "ca.pem").value();
  EXPECT_TRUE(safe.tls);
  EXPECT_EQ("ca.pem", safe.ca_file);
  for (const char* url : {"", "redis://", "rediss://", "http://127.0.0.1", "redis://secret@h", "redis://h:0",
                          "redis://h:x", "redis://h/1"}) {
    const auto refused = address_from(url, "");
    ASSERT_FALSE(refused) << url;
    EXPECT_EQ(std::string::npos, refused.error().detail.find("secret"));
  }
}

}  // namespace
}  // namespace packwalk::redis
