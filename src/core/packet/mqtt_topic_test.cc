#include "core/packet/mqtt_topic.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

TEST(MqttTopic, NamesItsDevice) {
  EXPECT_EQ("rex", device_of_packets_key("v1.rex.packets"));
  EXPECT_EQ("rex", device_of_commands_key("v1.rex.commands"));
  for (const char* key : {"", "v1..packets", "v1.packets", "v2.rex.packets", "v1.rex.commands", "packwalk.packets"}) {
    EXPECT_FALSE(device_of_packets_key(key)) << key;
  }
  EXPECT_FALSE(device_of_commands_key("v1.rex.packets"));
}

}  // namespace
}  // namespace packwalk
