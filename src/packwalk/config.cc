#include "packwalk/config.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <functional>
#include <iterator>
#include <limits>
#include <string_view>
#include <thread>
#include <vector>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "base/nearest.h"
#include "base/text.h"
#include "base/time_text.h"
#include "packwalk/service_links.h"

namespace packwalk {
namespace {

/// One key: its name in the file ("section.key"), what it means, its default as TOML, and how a text sets it.
struct Setting {
  std::string key;
  std::string meaning;
  std::string default_toml;
  std::function<Result<void>(Config&, const std::string&)> set;
};

constexpr std::int64_t giga = 1'000'000'000;

/// A whole number; `field` finds its place in a Config.
template <class Field>
Setting number(std::string key, std::string meaning, std::int64_t least, std::int64_t greatest, Field field) {
  Config defaults;
  return {std::move(key), std::move(meaning), std::to_string(static_cast<std::int64_t>(field(defaults))),
          [=](Config& config, const std::string& text) -> Result<void> {
            const auto value = number_from<std::int64_t>(text);
            if (!value || *value < least || *value > greatest) {
              return fail(Errc::invalid_input,
                          "is a whole number from " + std::to_string(least) + " to " + std::to_string(greatest));
            }
            auto& place = field(config);
            place = static_cast<std::remove_reference_t<decltype(place)>>(*value);
            return {};
          }};
}

/// true or false.
template <class Field>
Setting choice(std::string key, std::string meaning, Field field) {
  Config defaults;
  return {std::move(key), std::move(meaning), field(defaults) ? "true" : "false",
          [=](Config& config, const std::string& text) -> Result<void> {
            if (text != "true" && text != "false") return fail(Errc::invalid_input, "is true or false");
            field(config) = text == "true";
            return {};
          }};
}

/// A number of seconds.
template <class Field>
Setting seconds(std::string key, std::string meaning, std::int64_t least, std::int64_t greatest, Field field) {
  Config defaults;
  return {std::move(key), std::move(meaning), std::to_string(field(defaults).count()),
          [=](Config& config, const std::string& text) -> Result<void> {
            const auto value = number_from<std::int64_t>(text);
            if (!value || *value < least || *value > greatest) {
              return fail(Errc::invalid_input, "is a whole number of seconds from " + std::to_string(least) + " to " +
                                                   std::to_string(greatest));
            }
            field(config) = std::chrono::seconds(*value);
            return {};
          }};
}

Result<void> set_address(ServerOptions& server, const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const auto port = colon == std::string::npos
                        ? std::nullopt
                        : number_from<std::uint16_t>(std::string_view(address).substr(colon + 1));
  if (!port || colon == 0) return fail(Errc::invalid_input, "is host:port, such as 127.0.0.1:8080");
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
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
    return fail(Errc::invalid_input, "has 16 characters or more, each of A-Z a-z 0-9 _ -");
  }
  config.mqtt_auth_secret = secret;
  return {};
}

Result<void> set_earliest(Config& config, const std::string& text) {
  const auto time = time_from_text(text);
  if (!time) return fail(Errc::invalid_input, "is a time such as 2015-01-01T00:00:00Z");
  config.packets.earliest = *time;
  return {};
}

Result<void> set_log_level(Config& config, const std::string& text) {
  for (const LogLevel level : {LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error}) {
    if (name_of(level) != text) continue;
    config.log_level = level;
    return {};
  }
  return fail(Errc::invalid_input, "is debug, info, warning or error");
}

Result<void> set_log_format(Config& config, const std::string& text) {
  if (text != "logfmt" && text != "json") return fail(Errc::invalid_input, "is logfmt or json");
  config.log_format = text == "json" ? LogFormat::json : LogFormat::logfmt;
  return {};
}

constexpr std::int64_t header_bytes_greatest = 65'000;

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

/// A text as it stands.
template <class Field>
Setting text(std::string key, std::string meaning, Field field) {
  Config defaults;
  return {std::move(key), std::move(meaning), "\"" + field(defaults) + "\"",
          [=](Config& config, const std::string& value) -> Result<void> {
            field(config) = value;
            return {};
          }};
}

/// What stands between the `separator`s.
std::vector<std::string> parts_of(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t to = std::min(text.find(separator, from), text.size());
    parts.emplace_back(trimmed(text.substr(from, to - from)));
    from = to + 1;
  }
  return parts;
}

Result<void> set_broker_urls(Config& config, const std::string& text) {
  config.broker.urls = parts_of(text, ',');
  return {};
}

Result<void> set_replica_urls(Config& config, const std::string& text) {
  config.replicas.urls = parts_of(text, ' ');
  std::erase(config.replicas.urls, "");
  return {};
}

Result<void> set_when_old(Config& config, const std::string& text) {
  if (text != "detach" && text != "drop") return fail(Errc::invalid_input, "is detach or drop");
  config.keep.when_old = text == "drop" ? WhenOld::drop : WhenOld::detach;
  return {};
}

std::vector<Setting> store_settings() {
  return {
      text(
          "store.url",
          "Where all is kept: postgresql://user:password@host:port/database, after `packwalk migrate`. Empty: SQLite "
          "in "
          "the data folder.",
          [](Config & c) -> auto& { return c.store_url; }),
      {"store.replica_urls",
       "Read-only replicas of it that api asks in turn, with spaces between; it asks store.url when they are away or "
       "behind.",
       "\"\"", set_replica_urls},
      seconds(
          "store.replica_lag_seconds_max", "Seconds that a replica may be behind.", 1, 86'400,
          [](Config & c) -> auto& { return c.replicas.lag_max; }),
      seconds(
          "store.wait_seconds_max",
          "Seconds that PostgreSQL may be silent in the midst of something; then its connection is given up, and what "
          "was to be committed is tried again.",
          1, 3600, [](Config & c) -> auto& { return c.store_wait_max; }),
      number(
          "store.keep_messages_days",
          "Days that messages are kept in PostgreSQL. Give more than a packet may ever wait in the queue. 0: for ever.",
          0, 36'500, [](Config & c) -> auto& { return c.keep.messages_days; }),
      number(
          "store.keep_fixes_months",
          "Months that fixes and samples are kept in PostgreSQL, in addition to the current one; older packets are "
          "invalid. 0: for ever.",
          0, 1200, [](Config & c) -> auto& { return c.keep.fixes_months; }),
      {"store.when_old",
       "What is done with older data: detach (it becomes tables of its own, which can be archived) or drop.",
       "\"detach\"", set_when_old},
      number(
          "store.keep_status_changes_days",
          "Days that a change of status waits in the outbox for its reader. 0: for ever.", 0, 36'500,
          [](Config & c) -> auto& { return c.keep.status_changes_days; }),
      number(
          "store.cache_bytes",
          "Bytes of SQLite's database that stay in memory for the connection that takes packets. PostgreSQL has "
          "settings of its own.",
          1'048'576, giga, [](Config & c) -> auto& { return c.cache_bytes; }),
  };
}

std::vector<Setting> queue_settings() {
  return {
      {"queue.urls",
       "The brokers of the queue, amqp://user:password@host:port/vhost or amqps, with commas between; they are tried "
       "in "
       "turn. Empty: a journal in the data folder.",
       "\"\"", set_broker_urls},
      text(
          "queue.ca_file",
          "File with the certificates of the authorities that are trusted, for amqps. Empty: the system's authorities.",
          [](Config & c) -> auto& { return c.broker.ca_file; }),
      text(
          "queue.name", "The queue at the broker; its dead letters are in the same name and .dead.",
          [](Config & c) -> auto& { return c.broker.queue; }),
      number(
          "queue.bytes_max", "Bytes that may wait at the broker; then devices are answered 503 and send again.", 1024,
          1000 * giga, [](Config & c) -> auto& { return c.broker.queue_bytes_max; }),
      number(
          "queue.deliveries_max", "Delivery attempts before a message that crashes its consumer becomes a dead letter.",
          1, giga, [](Config & c) -> auto& { return c.broker.deliveries_max; }),
      seconds(
          "queue.confirm_seconds_max",
          "Seconds that the broker may take to confirm a packet, from its arrival on; then devices are answered 503.",
          1, 3600, [](Config & c) -> auto& { return c.broker.confirm_max; }),
      seconds(
          "queue.hold_seconds_max",
          "Seconds that a worker holds what it cannot commit while the store does not answer; then it waits at the "
          "broker. Less than consumer_timeout of RabbitMQ.",
          1, 86'400, [](Config & c) -> auto& { return c.broker.hold_max; }),
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

std::vector<Setting> archive_settings() {
  return {
      text(
          "archive.url",
          "ClickHouse, http://user:password@host:port/database, where originals are kept too, after `packwalk "
          "migrate`. The same on all nodes. Empty: the store alone keeps them.",
          [](Config & c) -> auto& { return c.archive.url; }),
      text(
          "archive.ca_file",
          "File with the certificates of the authorities that are trusted, for https. Empty: the system's authorities.",
          [](Config & c) -> auto& { return c.archive.ca_file; }),
      text(
          "archive.engine",
          "How ClickHouse keeps the table when `packwalk migrate` makes it: ReplacingMergeTree() or "
          "ReplicatedReplacingMergeTree('/path', '{replica}').",
          [](Config & c) -> auto& { return c.archive.engine; }),
      number(
          "archive.batch_messages_max", "Messages that go to the archive together.", 1, 1'000'000,
          [](Config & c) -> auto& { return c.copying.piece.messages; }),
      seconds(
          "archive.batch_seconds_max", "Send an incomplete batch after this many seconds.", 0, 86'400,
          [](Config & c) -> auto& { return c.copying.age_max; }),
  };
}

std::vector<Setting> bus_settings() {
  return {
      text(
          "bus.url",
          "Redis, redis://user:password@host:port (rediss:// for TLS), that tells live positions from ingest to api. "
          "Empty: api looks into the database every few seconds.",
          [](Config & c) -> auto& { return c.bus.url; }),
      text(
          "bus.ca_file",
          "File with the certificates of the authorities that are trusted, for rediss. Empty: the system's "
          "authorities.",
          [](Config & c) -> auto& { return c.bus.ca_file; }),
      text(
          "bus.channel", "The channel of Redis.", [](Config & c) -> auto& { return c.bus.channel; }),
  };
}

std::vector<Setting> cache_settings() {
  return {
      text(
          "cache.url",
          "Redis, redis://user:password@host:port (rediss:// for TLS), that tells ingest which packets come again. "
          "Empty, which is mostly as fast: the database is asked alone.",
          [](Config & c) -> auto& { return c.cache.url; }),
      text(
          "cache.ca_file",
          "File with the certificates of the authorities that are trusted, for rediss. Empty: the system's "
          "authorities.",
          [](Config & c) -> auto& { return c.cache.ca_file; }),
      text(
          "cache.name", "How its keys in Redis begin.", [](Config & c) -> auto& { return c.cache.name; }),
  };
}

std::vector<Setting> ingest_settings() {
  return {
      number(
          "ingest.batch_messages_max", "Messages that are committed together, when so many wait.", 1, giga,
          [](Config & c) -> auto& { return c.batch_messages_max; }),
      number(
          "ingest.queue_messages_max", "Messages that may wait; then devices are answered 503 and send again.", 1, giga,
          [](Config & c) -> auto& { return c.queue.messages_max; }),
      number(
          "ingest.queue_bytes_max", "Bytes that may wait.", 1024, 1000 * giga,
          [](Config & c) -> auto& { return c.queue.bytes_max; }),
      number(
          "ingest.queue_device_percent",
          "Percentage of both that one device may use; beyond it, this device alone is answered 503.", 1, 100,
          [](Config & c) -> auto& { return c.queue.device_percent; }),
      {"log.level", "debug, info, warning or error.", "\"info\"", set_log_level},
      {"log.format", "logfmt (key=value, values quoted where need be) or json (an object in each line).", "\"logfmt\"",
       set_log_format},
  };
}

/// A constant of analysis, of named_rules(). It is set when the preset is known.
Setting analysis_setting(const NamedRule& rule) {
  std::string usual;
  append_number(usual, rule.get(AnalysisRules()));
  std::string meaning(rule.meaning);
  meaning.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(meaning.front())));
  return {std::string("analysis.") + rule.name,
          meaning + ". Empty: as the preset says; " + usual + " in specification.", "\"\"",
          [&rule](Config& config, const std::string& text) -> Result<void> {
            if (text.empty()) {
              config.analysis_settings.erase(rule.name);
              return {};
            }
            const auto value = number_from<double>(text);
            if (!value) return fail(Errc::invalid_input, "is not a number");
            if (const auto flaw = flaw_of(rule, *value)) return fail(Errc::invalid_input, *flaw);
            config.analysis_settings[rule.name] = *value;
            return {};
          }};
}

std::vector<Setting> analysis_settings() {
  std::vector<Setting> list = {
      {"analysis.preset",
       "The constants of tracks, activity and walks (docs/analysis.md): specification, or off-leash for dogs that "
       "stray. The same on all nodes; a change makes all that was derived anew.",
       "\"specification\"", [](Config& config, const std::string& text) -> Result<void> {
         if (auto rules = rules_of_preset(text); !rules) return tl::unexpected(std::move(rules.error()));
         config.analysis_preset = text;
         return {};
       }}};
  for (const NamedRule& rule : named_rules()) list.push_back(analysis_setting(rule));
  return list;
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = [] {
    std::vector<Setting> list = http_settings();
    for (auto more :
         {question_settings(), ops_settings(), store_settings(), archive_settings(), queue_settings(), mqtt_settings(),
          bus_settings(), cache_settings(), packet_settings(), ingest_settings(), analysis_settings()}) {
      list.insert(list.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return list;
  }();
  return all;
}

std::string section_of(std::string_view key) { return std::string(key.substr(0, key.find('.'))); }
std::string name_of(std::string_view key) { return std::string(key.substr(key.find('.') + 1)); }

/// http.body_bytes_max -> PACKWALK_HTTP_BODY_BYTES_MAX
std::string variable_of(std::string_view key) {
  std::string variable = "PACKWALK_";
  for (const char c : key) {
    variable.push_back(c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return variable;
}

Result<void> apply(Config& config, const Setting& setting, const std::string& text, const std::string& where) {
  auto set = setting.set(config, text);
  if (!set) return fail(Errc::invalid_input, where + " " + set.error().detail);
  return {};
}

std::vector<std::string> all_keys() {
  std::vector<std::string> keys;
  for (const Setting& each : settings()) keys.push_back(each.key);
  return keys;
}

Result<void> apply_value(Config& config, const std::string& key, const toml::node& value, const std::string& file) {
  const auto setting =
      std::find_if(settings().begin(), settings().end(), [&](const Setting& each) { return each.key == key; });
  if (setting == settings().end()) {
    const auto nearest = nearest_to(key, all_keys());
    return fail(Errc::invalid_input, file + ": unknown key " + key + " in line " +
                                         std::to_string(value.source().begin.line) +
                                         (nearest ? "; did you mean " + *nearest + "?" : ""));
  }
  std::string text;
  if (const auto integer = value.value_exact<std::int64_t>()) {
    text = std::to_string(*integer);
  } else if (const auto string = value.value_exact<std::string>()) {
    text = *string;
  } else if (const auto real = value.value_exact<double>()) {
    append_number(text, *real);
  } else if (const auto boolean = value.value_exact<bool>()) {
    text = *boolean ? "true" : "false";
  } else {
    return fail(Errc::invalid_input, file + ": " + key + " is neither a number nor a text, nor true or false");
  }
  return apply(config, *setting, text, file + ": " + key);
}

tl::unexpected<Error> outside_of_section(const std::string& file, const std::string& key) {
  return fail(Errc::invalid_input, file + ": unknown key " + key + " outside of a section");
}

Result<void> apply_file(Config& config, const std::string& file) {
  const toml::parse_result parsed = toml::parse_file(file);
  if (!parsed) {
    std::string what = file;
    what.append(": ").append(parsed.error().description()).append(" in line ");
    what.append(std::to_string(parsed.error().source().begin.line));
    return fail(Errc::invalid_input, std::move(what));
  }
  for (const auto& [section, table] : parsed.table()) {
    std::string prefix(section.str());
    if (!table.is_table()) return outside_of_section(file, prefix);
    prefix.push_back('.');
    for (const auto& [key, value] : *table.as_table()) {
      const std::string name = std::string(prefix).append(key.str());
      if (auto set = apply_value(config, name, value, file); !set) return set;
    }
  }
  return {};
}

/// Those of the command line, which have options of their own.
constexpr std::string_view option_variables[] = {"PACKWALK_DATA", "PACKWALK_CONFIG"};

std::string nearest_variable(const std::string& name) {
  std::vector<std::string> known(std::begin(option_variables), std::end(option_variables));
  for (const Setting& each : settings()) known.push_back(variable_of(each.key));
  return nearest_to(name, known, std::numeric_limits<std::size_t>::max()).value_or("");
}

Result<void> apply_environment(Config& config, const char* const* environment) {
  for (; *environment; ++environment) {
    const std::string_view entry = *environment;
    if (!entry.starts_with("PACKWALK_")) continue;
    const std::string name(entry.substr(0, entry.find('=')));
    const std::string text(entry.substr(std::min(name.size() + 1, entry.size())));
    if (std::find(std::begin(option_variables), std::end(option_variables), name) != std::end(option_variables) ||
        is_service_link(name, text)) {
      continue;
    }
    const auto setting = std::find_if(settings().begin(), settings().end(),
                                      [&](const Setting& each) { return variable_of(each.key) == name; });
    if (setting == settings().end()) {
      config.unknown_variables.push_back({name, nearest_variable(name)});
    } else if (auto set = apply(config, *setting, text, name); !set) {
      return set;
    }
  }
  std::sort(config.unknown_variables.begin(), config.unknown_variables.end(),
            [](const UnknownVariable& a, const UnknownVariable& b) { return a.name < b.name; });
  return {};
}

}  // namespace

Result<void> set_listen(Config& config, const std::string& address) { return set_address(config.http, address); }

Result<Config> load_config(const std::string& data, const std::optional<std::string>& file,
                           const char* const* environment) {
  Config config;
  const std::string own = data + "/packwalk.toml";
  if (file || std::filesystem::exists(own)) {
    if (auto applied = apply_file(config, file.value_or(own)); !applied) {
      return tl::unexpected(std::move(applied.error()));
    }
  }
  if (auto applied = apply_environment(config, environment); !applied) {
    return tl::unexpected(std::move(applied.error()));
  }
  if (config.store_url.empty() && (config.keep.messages_days > 0 || config.keep.fixes_months > 0)) {
    return fail(Errc::invalid_input, "store.keep_messages_days and store.keep_fixes_months need store.url");
  }
  config.analysis = rules_of_preset(config.analysis_preset).value();
  for (const auto& [name, value] : config.analysis_settings) {
    if (auto set = set_rule(config.analysis, name, value); !set) return tl::unexpected(std::move(set.error()));
  }
  config.packets.months_kept = config.keep.fixes_months;
  if (!config.archive.url.empty() && config.store_url.empty()) {
    return fail(Errc::invalid_input, "archive.url is set, but not store.url: SQLite keeps its originals itself");
  }
  if (!config.archive.url.empty() && config.keep.messages_days > 0) {
    return fail(Errc::invalid_input,
                "store.keep_messages_days does not look into the archive: with archive.url, `packwalk archive drop` "
                "drops the days that are proven to be there");
  }
  config.broker.waiting_messages_max = config.queue.messages_max;
  config.broker.waiting_bytes_max = config.queue.bytes_max;
  if (config.http.threads == 0) config.http.threads = std::max(1U, std::thread::hardware_concurrency());
  if (config.mqtt_auth && config.mqtt_auth_secret.empty() && !is_loopback(config.mqtt_auth->host)) {
    return fail(Errc::invalid_input,
                "mqtt.auth_listen is " + config.mqtt_auth->host +
                    ", which other machines reach: whoever asks there learns which devices exist. Set "
                    "mqtt.auth_secret, or listen on 127.0.0.1");
  }
  config.ops.threads = 1;
  if (config.mqtt_auth) config.mqtt_auth->threads = 1;  // RabbitMQ remembers the answers
  return config;
}

std::string documented_config() {
  std::string text =
      "# The configuration of Packwalk: every key with its default. Give the file with --config.\n"
      "# An environment variable wins over the file: PACKWALK_HTTP_LISTEN over http.listen, and so on. PACKWALK_DATA "
      "and\n"
      "# PACKWALK_CONFIG stand for the options --data and --config.\n";
  std::string section;
  for (const Setting& setting : settings()) {
    if (section_of(setting.key) != section) {
      section = section_of(setting.key);
      text.append("\n[").append(section).append("]\n");
    }
    text.append("# ").append(setting.meaning).append("\n");
    text.append(name_of(setting.key)).append(" = ").append(setting.default_toml).append("\n");
  }
  return text;
}

}  // namespace packwalk
