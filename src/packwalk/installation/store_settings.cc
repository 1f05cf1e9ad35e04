// What is kept where: the store, the archive, the queue, and the servers beside them.
#include <algorithm>

#include "adapters/postgres/client.h"
#include "adapters/rabbitmq/link.h"
#include "packwalk/installation/setting.h"
#include "packwalk/installation/setting_kinds.h"

namespace packwalk {
namespace {

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
  const auto is_url = [](const std::string& part) { return rabbitmq::vhost_of(part).has_value(); };
  if (std::all_of(config.broker.urls.begin(), config.broker.urls.end(), is_url)) return {};
  return fail(Errc::invalid_input, "must be amqp://user:password@host:port/vhost; several with commas between them");
}

Result<void> set_replica_urls(Config& config, const std::string& text) {
  config.replicas.urls = parts_of(text, ' ');
  std::erase(config.replicas.urls, "");
  if (std::all_of(config.replicas.urls.begin(), config.replicas.urls.end(), sql::is_url)) return {};
  return fail(Errc::invalid_input,
              "must be postgresql://user:password@host:port/database; several with spaces between");
}

Result<void> set_when_old(Config& config, const std::string& text) {
  if (text != "detach" && text != "drop") return fail(Errc::invalid_input, "must be detach or drop");
  config.keep.when_old = text == "drop" ? WhenOld::drop : WhenOld::detach;
  return {};
}

}  // namespace

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

}  // namespace packwalk
