#include "packwalk/configuration/service_links.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

TEST(ServiceLinks, AreThoseOfAServiceThatIsNamedLikeUs) {
  EXPECT_TRUE(is_service_link("PACKWALK_SERVICE_HOST", "10.0.0.7"));
  EXPECT_TRUE(is_service_link("PACKWALK_SERVICE_PORT", "8080"));
  EXPECT_TRUE(is_service_link("PACKWALK_SERVICE_PORT_HTTP", "8080"));
  EXPECT_TRUE(is_service_link("PACKWALK_PORT", "tcp://10.0.0.7:8080"));
  EXPECT_TRUE(is_service_link("PACKWALK_PORT_8080_TCP", "tcp://10.0.0.7:8080"));
  EXPECT_TRUE(is_service_link("PACKWALK_PORT_8080_TCP_PROTO", "tcp"));
  EXPECT_TRUE(is_service_link("PACKWALK_PORT_8080_TCP_PORT", "8080"));
  EXPECT_TRUE(is_service_link("PACKWALK_PORT_5055_UDP_ADDR", "10.0.0.7"));
  EXPECT_TRUE(is_service_link("PACKWALK_PORT_1_SCTP", "sctp://10.0.0.7:1"));
}

TEST(ServiceLinks, AreThoseOfAServiceWhoseNameGoesOn) {
  EXPECT_TRUE(is_service_link("PACKWALK_GATEWAY_SERVICE_HOST", "10.0.0.7"));
  EXPECT_TRUE(is_service_link("PACKWALK_HTTP_LISTEN_SERVICE_PORT", "80"));
  EXPECT_TRUE(is_service_link("PACKWALK_MY_API_PORT_80_TCP_ADDR", "10.0.0.7"));
  EXPECT_TRUE(is_service_link("PACKWALK_MQTT_PORT", "tcp://10.0.0.7:8883")) << "mqtt.port is a number";
  EXPECT_TRUE(is_service_link("PACKWALK_PORT_SERVICE_PORT_PORT", "80"));
}

TEST(ServiceLinks, AreNoSettingsOfOurs) {
  EXPECT_FALSE(is_service_link("PACKWALK_MQTT_PORT", "8883"));
  EXPECT_FALSE(is_service_link("PACKWALK_HTTP_LISTEN", "tcp://10.0.0.7:80"));
  EXPECT_FALSE(is_service_link("PACKWALK_PORT", "8080"));
  EXPECT_FALSE(is_service_link("PACKWALK_PORT_HTTP_TCP", "8080"));
  EXPECT_FALSE(is_service_link("PACKWALK_PORT_8080", "8080"));
  EXPECT_FALSE(is_service_link("PACKWALK_PORT_8080_TCP_X", "8080"));
  EXPECT_FALSE(is_service_link("PACKWALK_SERVICE", "x"));
  EXPECT_FALSE(is_service_link("PACKWALK_", ""));
  EXPECT_FALSE(is_service_link("OTHER_SERVICE_HOST", "10.0.0.7"));
}

}  // namespace
}  // namespace packwalk
