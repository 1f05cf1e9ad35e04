#include "adapters/clickhouse/clickhouse_archive.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <thread>
#include <utility>

#include "adapters/clickhouse/client.h"
#include "adapters/clickhouse/row_binary.h"
#include "base/ascii.h"
#include "ports/message_reader.h"

namespace packwalk {
namespace {

using clickhouse::Client;
using clickhouse::RowReader;

// Shorter than PostgreSQL's timeout for idle transactions: a batch is cleared there when it is safe here.
constexpr std::chrono::seconds insert_timeout{30};
constexpr std::chrono::seconds page_timeout{30};
constexpr std::chrono::seconds digest_timeout{3600};
constexpr std::chrono::seconds erase_timeout{3600};
constexpr std::chrono::milliseconds mutation_pause{100};
constexpr std::int64_t day_micros = 86'400'000'000;

constexpr const char* insert_messages =
    "INSERT INTO messages (device, received_at, ordinal, transport, verdict, reason, hash, content) FORMAT RowBinary";
// A block that was inserted before and lost since must not count as a duplicate.
constexpr const char* insert_settings = "&insert_deduplicate=0";

constexpr const char* number_end = " FORMAT RowBinary";
constexpr const char* select_mutations =
    "SELECT toInt64(count()) FROM system.mutations WHERE database = currentDatabase() AND table = 'messages' AND "
    "is_done = 0 AND match(command, '";
constexpr const char* mutations_end = "\\\\b') FORMAT RowBinary";
constexpr const char* select_inserts =
    "SELECT toInt64(count()) FROM system.processes WHERE query LIKE 'INSERT INTO messages%' AND elapsed >= ";

// Small granules: most queries read few rows of one device.
constexpr const char* create_table =
    "CREATE TABLE IF NOT EXISTS messages (device Int64, received_at Int64, ordinal UInt32, transport UInt8, "
    "verdict UInt8, reason String, hash UInt64, content String) ENGINE = ";
constexpr const char* create_table_order =
    " PARTITION BY toYYYYMM(toDateTime(intDiv(received_at, 1000000), 'UTC')) ORDER BY (device, received_at, ordinal) "
    "SETTINGS index_granularity = 1024";

/// A time in a statement. No message is from before 1970, and ClickHouse cannot parse the least negative number.
std::string text_of(ServerTime time) {
  return std::to_string(std::max<std::int64_t>(microseconds_since_1970(time), -1));
}

/// FINAL: ClickHouse merges rows of the same key at any time; this reads only the last one.
std::string span_condition(DeviceNumber device, std::optional<Verdict> verdict, const MessageSpan& span) {
  const std::string after = text_of(span.after.received_at);
  const std::string before = text_of(span.before.received_at);
  std::string text = " FROM messages FINAL WHERE device = " + std::to_string(device.value) +
                     " AND received_at >= " + after + " AND (received_at > " + after + " OR ordinal > " +
                     std::to_string(span.after.ordinal) + ") AND received_at <= " + before + " AND (received_at < " +
                     before + " OR ordinal < " + std::to_string(span.before.ordinal) + ")";
  if (verdict) text.append(" AND verdict = ").append(std::to_string(static_cast<unsigned>(*verdict)));
  return text;
}

std::string order_of(Paging page) {
  const std::string direction = page.is_backwards() ? " DESC" : "";
  return " ORDER BY received_at" + direction + ", ordinal" + direction + " LIMIT " + std::to_string(page.limit) +
         " FORMAT RowBinary";
}

class ClickhouseArchive final : public Archive {
 public:
  explicit ClickhouseArchive(std::unique_ptr<Client> client) : client_(std::move(client)) {}

  Result<void> keep(std::span<const Original> originals) override {
    if (originals.empty()) return {};
    return client_->insert(insert_messages, insert_settings, clickhouse::rows_of(originals), insert_timeout);
  }

  Result<std::vector<StoredMessage>> messages(DeviceNumber device, std::optional<Verdict> verdict,
                                              const MessageSpan& span, Paging page) override {
    const std::string condition = span_condition(device, verdict, span);
    // ClickHouse sorts all rows before it applies the limit: so this reads first only the keys, then the rows up to the
    // last key.
    auto cursors = cursors_of(condition, {std::min(page.limit, page_messages_max), page.order});
    if (!cursors) return cursors.failure();
    while (!cursors->empty()) {
      auto found = page_until(condition, cursors->back(), {cursors->size(), page.order});
      if (found || found.error().code != Errc::too_large || cursors->size() == 1) return found;
      cursors->resize((cursors->size() + 3) / 4);
    }
    return std::vector<StoredMessage>();
  }

  Result<std::vector<Original>> originals(std::span<const OriginalKey> keys) override {
    std::vector<Original> found;
    for (std::size_t size = keys_at_once; !keys.empty();) {
      size = std::min(size, keys.size());
      auto some = all_of(keys.first(size));
      if (!some && some.error().code == Errc::too_large && size > 1) {
        size = (size + 3) / 4;
        continue;
      }
      if (!some) return some;
      std::move(some->begin(), some->end(), std::back_inserter(found));
      keys = keys.subspan(size);
    }
    return found;
  }

  Result<std::vector<DayDigest>> digests(DayRange range) override { return digests_of("", range); }
  Result<std::vector<DayDigest>> digests(DayRange range, DeviceNumber device) override {
    return digests_of("device = " + std::to_string(device.value) + " AND ", range);
  }

  /// Deletes by a mutation. Older versions of ClickHouse report only that it has begun. It does not see later rows: so
  /// this first waits for running inserts to end.
  Result<void> erase(DeviceNumber device) override {
    const auto started = std::chrono::steady_clock::now();
    const auto passed = [&] {
      return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - started);
    };
    const std::string condition = "device = " + std::to_string(device.value);
    const std::string mutations = select_mutations + condition + mutations_end;
    bool is_deleted = false;
    while (passed() < erase_timeout) {
      const auto inserts = number_from(select_inserts + std::to_string(passed().count()) + number_end, page_timeout);
      if (!inserts) return inserts.failure();
      const auto pending = number_from(mutations, page_timeout);
      if (!pending) return pending.failure();
      if (*inserts == 0 && *pending == 0) {
        const auto rows = count(device);
        if (!rows) return rows.failure();
        if (*rows == 0) return {};
        if (is_deleted) return fail(Errc::unavailable, "ClickHouse has not deleted all rows. Try again");
        const auto begun = client_->ask("ALTER TABLE messages DELETE WHERE " + condition, page_timeout);
        if (!begun) return begun.failure();
        is_deleted = true;
      }
      std::this_thread::sleep_for(mutation_pause);
    }
    return fail(Errc::unavailable, "ClickHouse is still deleting rows. Try again later");
  }

  Result<std::int64_t> count(DeviceNumber device) override {
    return number_from(
        "SELECT toInt64(count()) FROM messages WHERE device = " + std::to_string(device.value) + number_end,
        digest_timeout);
  }

 private:
  Result<std::vector<DayDigest>> digests_of(const std::string& condition, DayRange range) {
    const auto micros = [](Day day) { return std::to_string(day.time_since_epoch().count() * day_micros); };
    const auto answer = client_->ask(
        "SELECT intDiv(received_at, " + std::to_string(day_micros) +
            ") AS day, count(), groupBitXor(halfMD5(concat(toString(device), ' ', toString(received_at), ' ', "
            "toString(ordinal), ' ', toString(transport), ' ', toString(verdict), ' ', toString(hash), ' ', "
            "toString(length(reason)), ' ', reason, ' ', content))) FROM messages FINAL WHERE " +
            condition + "received_at >= " + micros(range.from) + " AND received_at < " + micros(range.until) +
            " GROUP BY day ORDER BY day FORMAT RowBinary",
        digest_timeout);
    if (!answer) return answer.failure();
    std::vector<DayDigest> digests;
    for (RowReader reader(*answer); !reader.at_end();) {
      DayDigest digest;
      digest.day = Day(std::chrono::days(reader.number<std::int64_t>()));
      digest.messages = static_cast<std::int64_t>(reader.number<std::uint64_t>());
      digest.hash = reader.number<std::uint64_t>();
      if (!reader.is_good()) return not_understood();
      digests.push_back(digest);
    }
    return digests;
  }

  Result<std::int64_t> number_from(const std::string& statement, std::chrono::seconds timeout) {
    const auto answer = client_->ask(statement, timeout);
    if (!answer) return answer.failure();
    RowReader reader(*answer);
    const auto number = reader.number<std::int64_t>();
    if (!reader.is_good()) return not_understood();
    return number;
  }

  static constexpr std::size_t page_messages_max = 10'000;
  static constexpr std::size_t keys_at_once = 2000;  // about 100 kB of a statement; ClickHouse accepts 256

  Result<std::vector<Original>> all_of(std::span<const OriginalKey> keys) {
    std::string statement =
        "SELECT device, received_at, ordinal, transport, verdict, reason, hash, content FROM messages FINAL WHERE "
        "(device, received_at, ordinal) IN (";
    for (const auto& [device, arrival] : keys) {
      if (statement.back() == ')') statement.push_back(',');
      statement.append("(").append(std::to_string(device.value)).append(",");
      statement.append(std::to_string(microseconds_since_1970(arrival.received_at))).append(",");
      statement.append(std::to_string(arrival.ordinal)).append(")");
    }
    statement.append(") FORMAT RowBinary");
    const auto answer = client_->ask(statement, page_timeout, bytes_max_of(keys.size()));
    if (!answer) return answer.failure();
    auto originals = clickhouse::originals_from_rows(*answer);
    if (!originals) return not_understood();
    return *std::move(originals);
  }

  /// Always returns at least one message, of any size.
  static std::size_t bytes_max_of(std::size_t messages) {
    return messages == 1 ? std::numeric_limits<std::size_t>::max() : Client::answer_bytes_max;
  }

  static Failure not_understood() {
    return fail(
        Errc::unavailable,
        "ClickHouse sent an answer that is not in RowBinary. Check that archive.url is the HTTP port of ClickHouse");
  }

  /// The number of messages that fit into a page.
  Result<std::vector<MessageCursor>> cursors_of(const std::string& condition, Paging page) {
    const auto answer =
        client_->ask("SELECT received_at, ordinal, length(content)" + condition + order_of(page), page_timeout);
    if (!answer) return answer.failure();
    std::vector<MessageCursor> cursors;
    MessagePage filled;
    for (RowReader reader(*answer); !reader.at_end() && !filled.is_full();) {
      const auto received_at = server_time(reader.number<std::int64_t>());
      const auto ordinal = reader.number<std::uint32_t>();
      const auto bytes = reader.number<std::uint64_t>();
      if (!reader.is_good()) return not_understood();
      cursors.push_back({received_at, ordinal});
      filled.add(bytes);
    }
    return cursors;
  }

  Result<std::vector<StoredMessage>> page_until(const std::string& condition, MessageCursor last, Paging page) {
    const auto answer = client_->ask("SELECT received_at, ordinal, transport, verdict, reason, hash, content" +
                                         condition + " AND received_at " + (page.is_backwards() ? ">= " : "<= ") +
                                         text_of(last.received_at) + order_of(page),
                                     page_timeout, bytes_max_of(page.limit));
    if (!answer) return answer.failure();
    auto messages = clickhouse::messages_from_rows(*answer);
    if (!messages) return not_understood();
    return *std::move(messages);
  }

  const std::unique_ptr<Client> client_;
};

/// The engine becomes part of a statement, so it may contain only names, numbers, quoted texts and braces of macros.
bool is_replacing_engine(std::string_view engine) {
  const bool plain = std::all_of(engine.begin(), engine.end(), [](char c) {
    return is_alphanumeric(c) || std::string_view("_-/{}'(), .=").find(c) != std::string_view::npos;
  });
  return plain && (engine.starts_with("ReplacingMergeTree") || engine.starts_with("ReplicatedReplacingMergeTree"));
}

}  // namespace

Result<std::unique_ptr<Archive>> make_clickhouse_archive(const ArchiveOptions& options) {
  auto client = Client::from_url(options.url, options.ca_file);
  if (!client) return client.failure();
  return std::make_unique<ClickhouseArchive>(*std::move(client));
}

Result<void> make_archive_table(const ArchiveOptions& options) {
  if (!is_replacing_engine(options.engine)) {
    return fail(Errc::invalid_input,
                "archive.engine must be ReplacingMergeTree() or ReplicatedReplacingMergeTree('/path', '{replica}')");
  }
  const auto client = Client::from_url(options.url, options.ca_file);
  if (!client) return client.failure();
  auto made = (*client)->ask(create_table + options.engine + create_table_order, page_timeout);
  if (!made) return made.failure();
  return {};
}

}  // namespace packwalk
