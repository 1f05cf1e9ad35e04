#include "app/access/mqtt_permissions.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

const MqttDoor door{"/", "packwalk.packets.mqtt"};

TEST(MqttPermissions, AClientIdIsTheDevicesOrGoesOnWithWhatNoIdHas) {
  for (const char* own : {"rex", "rex/2", "rex:phone", "rex.", "rex rex2"})
    EXPECT_TRUE(may_call_itself("rex", own)) << own;
  for (const char* foreign : {"", "re", "Rex", "rex2", "rex-2", "rex_", "rexy/1", "ted", "/rex", " rex"}) {
    EXPECT_FALSE(may_call_itself("rex", foreign)) << foreign;
  }
  EXPECT_FALSE(may_call_itself("", "")) << "nobody has no name";
  EXPECT_FALSE(may_call_itself("", "/"));
}

TEST(MqttPermissions, PublishesItsPacketsAndHearsItsCommandsAndNoOtherTopic) {
  const auto topic = [](const char* permission, const char* key) {
    return may_access(door, "rex", {"/", "topic", door.exchange, permission, key});
  };
  EXPECT_TRUE(topic("write", "v1.rex.packets"));
  EXPECT_TRUE(topic("read", "v1.rex.commands"));
  for (const char* key : {"", "#", "*", "v1.#", "v1.*.packets", "v1.*.commands", "v1.ted.packets", "v1.ted.commands",
                          "v1..packets", "v1.rex.packets.more", "v1.rex.rex.packets", "v2.rex.packets", "v1.rex",
                          "v1.rex.*", "owntracks.rex.phone", "V1.rex.packets", "v1.packets"}) {
    EXPECT_FALSE(topic("write", key)) << key;
    EXPECT_FALSE(topic("read", key)) << key;
  }
  EXPECT_FALSE(topic("write", "v1.rex.commands")) << "it would command itself";
  EXPECT_FALSE(topic("read", "v1.rex.packets"));
  EXPECT_FALSE(topic("configure", "v1.rex.packets"));
}

TEST(MqttPermissions, UsesTheExchangeOfTheDoorAndItsOwnSubscriptions) {
  const auto may = [](const char* kind, const std::string& name, const char* permission) {
    return may_access(door, "rex", {"/", kind, name, permission, ""});
  };
  EXPECT_TRUE(may("exchange", door.exchange, "write"));
  EXPECT_TRUE(may("exchange", door.exchange, "read")) << "a subscription is bound to it";
  EXPECT_FALSE(may("exchange", door.exchange, "configure"));
  for (const char* other : {"", "amq.default", "amq.topic", "packwalk.packets.unrouted"}) {
    EXPECT_FALSE(may("exchange", other, "write")) << other;
  }
  for (const char* permission : {"configure", "write", "read"}) {
    EXPECT_TRUE(may("queue", "mqtt-subscription-rexqos0", permission));
    EXPECT_TRUE(may("queue", "mqtt-subscription-rex/2qos1", permission));
    for (const char* other : {"packwalk.packets", "packwalk.packets.dead", "mqtt-subscription-tedqos1",
                              "mqtt-subscription-rex2qos1", "mqtt-subscription-rexqos2", "mqtt-subscription-rex",
                              "mqtt-subscription-qos1", "mqtt-subscription-rexqos1qos1", "mqtt-subscription-", ""}) {
      EXPECT_FALSE(may("queue", other, permission)) << other;
    }
  }
  EXPECT_FALSE(may("queue", "mqtt-subscription-rexqos1", "admin"));
  EXPECT_FALSE(may("vhost", "/", "write"));
}

TEST(MqttPermissions, AreOfOneVirtualHost) {
  EXPECT_FALSE(may_access(door, "rex", {"other", "topic", door.exchange, "write", "v1.rex.packets"}));
  EXPECT_FALSE(may_access(door, "rex", {"", "exchange", door.exchange, "write", ""}));
}

}  // namespace
}  // namespace packwalk
