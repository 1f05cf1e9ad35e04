#include "packwalk/configuration/mqtt_section.h"

#include <algorithm>

#include "base/ascii.h"
#include "packwalk/configuration/listen_address.h"
#include "packwalk/configuration/setting_kinds.h"

namespace packwalk {
namespace {

constexpr std::size_t question_bytes_max = 64UL * 1024;
constexpr std::size_t secret_characters_min = 16;

/// Empty: nowhere.
Result<void> set_auth(MqttSection& mqtt, const std::string& address) {
  mqtt.auth = {};
  if (address.empty()) return {};
  mqtt.auth.emplace().body_bytes_max = question_bytes_max;
  mqtt.auth->threads = 1;  // RabbitMQ remembers the answers
  return set_address(*mqtt.auth, address);
}

Result<void> set_secret(MqttSection& mqtt, const std::string& secret) {
  const auto harmless = [](char c) { return is_alphanumeric(c) || c == '_' || c == '-'; };
  if (!secret.empty() &&
      (secret.size() < secret_characters_min || !std::all_of(secret.begin(), secret.end(), harmless))) {
    return fail(Errc::invalid_input, "must have at least 16 characters, each one of A-Z a-z 0-9 _ -");
  }
  mqtt.auth_secret = secret;
  return {};
}

}  // namespace

std::vector<Setting<MqttSection>> mqtt_settings() {
  using Of = SettingsOf<MqttSection>;
  return {
      {"auth_listen",
       "Address and port at which a gateway authenticates collars for RabbitMQ (docs/production.md). Only the broker "
       "may reach it. Empty: off.",
       "\"\"", set_auth},
      {"auth_secret",
       "A secret of 16 characters or more (A-Z a-z 0-9 _ -) in the path of the broker's requests: /auth/SECRET/user. "
       "Without it, mqtt.auth_listen must be a loopback address.",
       "\"\"", set_secret},
      Of::number("port", "Port of the MQTT plug-in on the hosts of queue.urls. `packwalk doctor` checks it.", 1, 65'535,
                 &MqttSection::port),
  };
}

Result<void> check(const MqttSection& mqtt) {
  if (!mqtt.auth || !mqtt.auth_secret.empty() || is_loopback(mqtt.auth->host)) return {};
  return fail(Errc::invalid_input, "mqtt.auth_listen is " + mqtt.auth->host +
                                       ", which other machines can reach: they could find out which devices exist. Set "
                                       "mqtt.auth_secret, or listen on 127.0.0.1");
}

}  // namespace packwalk
