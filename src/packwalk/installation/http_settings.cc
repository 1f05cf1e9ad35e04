// Where the server listens, and what it bounds there.
#include <algorithm>
#include <cctype>

#include "base/time_text.h"
#include "packwalk/installation/setting.h"
#include "packwalk/installation/setting_kinds.h"

namespace packwalk {
namespace {

Result<void> set_address(ServerOptions& server, const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : number_from<std::uint16_t>(std::string_view(address).substr(colon + 1));
  if (!port || colon == 0)
    return fail(Errc::invalid_input, "must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:8080");
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (!is_ip_address(host)) {
    return fail(Errc::invalid_input, "must begin with an IP address of this machine, such as 127.0.0.1 or 0.0.0.0");
  }
  server.host = host;
  server.port = *port;
  return {};
}

constexpr std::size_t mqtt_question_bytes_max = 64UL * 1024;

/// Empty: nowhere.
Result<void> set_mqtt_auth(Config& config, const std::string& address) {
  config.mqtt_auth = {};
  if (address.empty()) return {};
  config.mqtt_auth.emplace().body_bytes_max = mqtt_question_bytes_max;
  return set_address(*config.mqtt_auth, address);
}

Result<void> set_ops_listen(Config& config, const std::string& address) {
  config.ops_is_chosen = true;
  return set_address(config.ops, address);
}

constexpr std::size_t auth_secret_characters_min = 16;

Result<void> set_mqtt_auth_secret(Config& config, const std::string& secret) {
  const auto harmless = [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-'; };
  if (!secret.empty() &&
      (secret.size() < auth_secret_characters_min || !std::all_of(secret.begin(), secret.end(), harmless))) {
    return fail(Errc::invalid_input, "must have at least 16 characters, each one of A-Z a-z 0-9 _ -");
  }
  config.mqtt_auth_secret = secret;
  return {};
}

Result<void> set_earliest(Config& config, const std::string& text) {
  const auto time = time_from_text(text);
  if (!time) return fail(Errc::invalid_input, "must be a time such as \"2015-01-01T00:00:00Z\"");
  config.packets.earliest = *time;
  return {};
}

Result<void> set_allow_origins(Config& config, const std::string& text) {
  auto origins = AllowedOrigins::from_text(text);
  if (!origins) return origins.failure();
  config.http.allow_origins = *std::move(origins);
  return {};
}

constexpr std::int64_t header_bytes_greatest = 65'000;

}  // namespace

Result<void> set_listen(Config& config, const std::string& address) { return set_address(config.http, address); }

std::vector<Setting> http_settings() {
  return {
      {"http.listen",
       "Address and port. Port 0 picks a free one, which then stands in the file `listen` of the data folder.",
       "\"127.0.0.1:8080\"", set_listen},
      number(
          "http.threads", "Threads that serve requests. 0: one for each core of the machine.", 0, 256,
          [](Config & c) -> auto& { return c.http.threads; }),
      number(
          "http.connections_max", "Connections at once; more are closed at once.", 1, giga,
          [](Config & c) -> auto& { return c.http.connections_max; }),
      number(
          "http.address_connections_max",
          "Connections at once from one IPv4 address or IPv6 /64. 0: half of connections_max. Behind a proxy, all "
          "connections come from its address: then set it to connections_max, and let the proxy limit its callers.",
          0, giga, [](Config & c) -> auto& { return c.http.address_connections_max; }),
      number(
          "http.header_bytes_max", "Bytes of a request's header; more are answered 431.", 1024, header_bytes_greatest,
          [](Config & c) -> auto& { return c.http.header_bytes_max; }),
      number(
          "http.body_bytes_max",
          "Bytes of a request's body; more are answered 413. For phones see http.unpacked_bytes_max.", 1024, giga,
          [](Config & c) -> auto& { return c.http.body_bytes_max; }),
      number(
          "http.bodies_bytes_max",
          "Bytes of all requests under way, without the first few KiB of each; more are answered 503. One address gets "
          "half, unless address_connections_max lets it have all connections. The last quarter is for devices and "
          "addresses that have little under way, such as one body of 64 KiB.",
          64L * 1024, 64 * giga, [](Config & c) -> auto& { return c.http.bodies_bytes_max; }),
      number(
          "http.responses_bytes_max",
          "Bytes of all responses that are not sent yet, without the first few KiB of each; more are answered 503. One "
          "address gets half, or one response that is larger, unless address_connections_max lets it have all "
          "connections.",
          64L * 1024, 64 * giga, [](Config & c) -> auto& { return c.http.responses_bytes_max; }),
      number(
          "http.unpacked_bytes_max",
          "Bytes of a gzip body when it is unpacked, and of any body of a phone that shows its token in the URL or the "
          "header; more are answered 413.",
          1024, giga, [](Config & c) -> auto& { return c.unpacked_bytes_max; }),
      seconds(
          "http.request_seconds_max",
          "Seconds from a request's first byte to its last, and for each 64 KiB of a known device's body; then the "
          "connection is closed.",
          1, 3600, [](Config & c) -> auto& { return c.http.request_timeout; }),
      seconds(
          "http.idle_seconds_max", "Seconds that a connection may be idle between requests.", 1, 86'400,
          [](Config & c) -> auto& { return c.http.idle_timeout; }),
      seconds(
          "http.first_byte_seconds_max",
          "Seconds until the first byte of a new connection, while more than half of connections_max are in use.", 1,
          3600, [](Config & c) -> auto& { return c.http.first_byte_timeout; }),
      seconds(
          "http.write_seconds_max",
          "Seconds that the other side may take to read a response, or each 64 KiB of a large one.", 1, 3600,
          [](Config & c) -> auto& { return c.http.write_timeout; }),
      {"http.allow_origins",
       "Web pages of other origins that may read answers (CORS): https://map.example, several with commas between, or * "
       "for all. Empty: none.",
       "\"\"", set_allow_origins},
      number(
          "http.failed_log_ins_max",
          "Requests with unknown tokens per minute from one IPv4 address or IPv6 /64; more are answered 429. Requests "
          "with known tokens are not affected. 0: any number.",
          0, giga, [](Config & c) -> auto& { return c.failed_log_ins_max; }),
  };
}

std::vector<Setting> question_settings() {
  return {
      number(
          "http.query_threads",
          "Threads that read the database for the questions of one caller; one more is there for the others.", 1, 256,
          [](Config & c) -> auto& { return c.query_threads; }),
      number(
          "http.queries_max",
          "Questions that may run or wait at once, half of them of one caller; more are answered 503.", 1, giga,
          [](Config & c) -> auto& { return c.queries_max; }),
      seconds(
          "http.query_seconds_max", "Seconds from a question's arrival to its answer; then it is answered 503.", 1,
          3600, [](Config & c) -> auto& { return c.query_max; }),
  };
}

std::vector<Setting> ops_settings() {
  return {
      {"ops.listen",
       "Address and port for operators: /metrics, and a /readyz that says what is missing. It asks for no token, so "
       "keep "
       "it on this machine or a private network. While nobody sets it, a free port is taken if 8081 is in use; the "
       "file "
       "`ops.listen` of the data folder has the address.",
       "\"127.0.0.1:8081\"", set_ops_listen},
  };
}

std::vector<Setting> mqtt_settings() {
  return {
      {"mqtt.auth_listen",
       "Address and port where a gateway tells RabbitMQ who a collar is and what it may (docs/production.md): for the "
       "broker alone, never for the world. Empty: nowhere.",
       "\"\"", set_mqtt_auth},
      {"mqtt.auth_secret",
       "A secret of 16 characters or more (A-Z a-z 0-9 _ -) that the broker has in the path of its questions: "
       "/auth/SECRET/user. Without it mqtt.auth_listen must be an address of this machine alone.",
       "\"\"", set_mqtt_auth_secret},
      number(
          "mqtt.port",
          "The port of the hosts of queue.urls where collars find the MQTT plug-in: the doctor looks at it.", 1, 65'535,
          [](Config & c) -> auto& { return c.mqtt_port; }),
  };
}

std::vector<Setting> packet_settings() {
  return {
      {"packets.earliest", "Packets from before this time are invalid: a clock that lost its week number.",
       "\"2015-01-01T00:00:00Z\"", set_earliest},
      seconds(
          "packets.future_seconds_max", "How far in the future, by the server's clock, a packet may be.", 0, giga,
          [](Config & c) -> auto& { return c.packets.future_slack; }),
      number(
          "packets.count_max", "Packets in one request; more are answered 413.", 1, giga,
          [](Config & c) -> auto& { return c.packets.packets_max; }),
      number(
          "packets.device_day_max",
          "Packets that one device may send to this process in a day of UTC; more are answered 503. One of more than "
          "150 bytes counts as one for each 150 bytes of disk that it takes: of Overland as 3, of 1 KB as 33. 0: no "
          "limit.",
          0, giga, [](Config & c) -> auto& { return c.device_limits.day_max; }),
      number(
          "packets.device_unreadable_max",
          "Bodies of one device in a minute that cannot be read, each KiB kept of them counted as one more; beyond "
          "them it is answered 503. 0: no limit.",
          0, giga, [](Config & c) -> auto& { return c.device_limits.unreadable_max; }),
      number(
          "packets.phone_status", "The status byte of positions that come from a phone.", 0, 255,
          [](Config & c) -> auto& { return c.packets.phone_status; }),
      choice(
          "packets.mend_week_rollover",
          "Whether a phone's or tracker's time that is 1,024 or 2,048 weeks back, and within an hour of now when they "
          "are "
          "added, is corrected so: its receiver of GPS has lost count of the weeks. The message says so.",
          [](Config & c) -> auto& { return c.packets.mend_week_rollover; }),
  };
}

}  // namespace packwalk
