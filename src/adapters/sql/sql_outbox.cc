#include "adapters/sql/sql_outbox.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "adapters/sql/event_rows.h"

namespace packwalk::sql {
namespace {

// Steps from device to device by the index, independent of the number of their events.
constexpr const char* select_waiting =
    "WITH RECURSIVE waiting (device, nth) AS (SELECT MIN(device), 1 FROM events WHERE device > $1 "
    "UNION ALL SELECT (SELECT MIN(device) FROM events WHERE device > waiting.device), nth + 1 FROM waiting "
    "WHERE device IS NOT NULL AND nth < $2) "
    "SELECT e.device, e.id, e.caused_at, e.kind, e.body FROM waiting JOIN events e ON e.device = waiting.device "
    "AND e.id <= (SELECT MAX(id) FROM (SELECT id FROM events WHERE device = waiting.device ORDER BY id LIMIT $3) "
    "AS piece) ORDER BY e.device, e.id";
constexpr const char* delete_event = "DELETE FROM events WHERE device = $1 AND id = $2";
constexpr const char* insert_delivery =
    "INSERT INTO deliveries (device, subscription, event, kind, caused_at, body) VALUES ($1, $2, $3, $4, $5, $6)";
// Also if the line exists: a worker that settles it waits for this transaction, and then sees the added rows.
constexpr const char* upsert_line =
    "INSERT INTO delivery_lines (device, subscription, due_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (device, subscription) DO UPDATE SET due_at = COALESCE(delivery_lines.due_at, excluded.due_at)";

#define PACKWALK_NOT_ERASED "NOT EXISTS (SELECT 1 FROM erased_devices e WHERE e.device = l.device) "
// $1: a time so far ahead that only a wrong clock can have written it.
constexpr const char* select_due =
    "SELECT device, subscription, lease, event, attempts, first_attempt_at, due_at FROM ("
    "SELECT * FROM (SELECT * FROM delivery_lines l WHERE due_at > $1 AND " PACKWALK_NOT_ERASED
    "ORDER BY due_at LIMIT $2) AS ahead UNION ALL "
    "SELECT * FROM (SELECT * FROM delivery_lines l WHERE due_at <= $3 AND " PACKWALK_NOT_ERASED
    "ORDER BY due_at LIMIT $2) AS due) AS lines ORDER BY due_at > $1 DESC, due_at LIMIT $2";
constexpr const char* lease_line =
    "UPDATE delivery_lines SET due_at = $1, lease = lease + 1 WHERE device = $2 AND subscription = $3 AND lease = $4 "
    "AND due_at = $5";
constexpr const char* select_deliveries =
    "SELECT d.event, n.id, d.kind, d.body FROM deliveries d LEFT JOIN devices n ON n.number = d.device "
    "WHERE d.device = $1 AND d.subscription = $2 ORDER BY d.event LIMIT $3";
constexpr const char* settle_line =
    "UPDATE delivery_lines SET due_at = $1, event = $2, attempts = $3, first_attempt_at = $4 "
    "WHERE device = $5 AND subscription = $6 AND lease = $7";
constexpr const char* delete_deliveries =
    "DELETE FROM deliveries WHERE device = $1 AND subscription = $2 AND event <= $3";
constexpr const char* end_empty_line =
    "UPDATE delivery_lines SET due_at = NULL WHERE device = $1 AND subscription = $2 "
    "AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.device = delivery_lines.device "
    "AND d.subscription = delivery_lines.subscription)";

constexpr const char* count_events = "SELECT count(*), MIN(caused_at) FROM events";
constexpr const char* count_deliveries = "SELECT count(*), MIN(caused_at) FROM deliveries";

/// A due line, from its row.
struct DueLine {
  LeasedLine leased;
  std::int64_t head = 0;  // the event of these attempts
};

std::optional<Event> possible_event(const Row& row, int column, DeviceNumber device) {
  auto event = event_at(row, column, device);
  return event ? std::optional(*std::move(event)) : std::nullopt;
}

class SqlOutbox final : public Outbox {
 public:
  explicit SqlOutbox(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<std::vector<WaitingEvent>> next(OutboxLimits limits) override {
    auto events = waiting_after(last_device_, limits);
    if (events && events->empty() && last_device_ > before_all) events = waiting_after(before_all, limits);
    if (events) last_device_ = events->empty() ? before_all : events->back().device.value;
    return events;
  }

  Result<std::size_t> fan_out(std::span<const FannedOut> events, ServerTime now) override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    std::vector<Value> keys;
    for (const FannedOut& each : events) keys.insert(keys.end(), {cell(each.event.device), cell(each.event.id)});
    const auto deleted = connection_->execute_many(delete_event, keys);
    if (!deleted) return deleted.failure();
    std::vector<FannedOut> taken;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if ((*deleted)[i]) taken.push_back(events[i]);
    }
    if (auto done = add_deliveries(taken, now); !done) return done.failure();
    if (auto done = transaction->commit(); !done) return done.failure();
    return taken.size();
  }

  Result<std::vector<LeasedLine>> due(ServerTime now, ServerTime leased_until, OutboxLimits limits) override {
    auto lines = due_lines(now, limits.lines_max);
    if (!lines) return lines.failure();
    if (lines->empty()) return std::vector<LeasedLine>();
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    auto leased = lease(*std::move(lines), leased_until);
    if (!leased) return leased.failure();
    std::vector<LeasedLine> found;
    for (DueLine& each : *leased) {
      if (auto read = read_notifications(each, limits.of_each_max); !read) {
        return read.failure();
      }
      found.push_back(std::move(each.leased));
    }
    if (auto done = transaction->commit(); !done) return done.failure();
    return found;
  }

  Result<void> settle(std::span<const SettledLine> lines) override {
    std::vector<SettledLine> sorted(lines.begin(), lines.end());
    std::sort(sorted.begin(), sorted.end(), [](const SettledLine& a, const SettledLine& b) { return a.line < b.line; });
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    std::vector<Value> states;
    for (const SettledLine& each : sorted) {
      states.insert(states.end(), {cell(each.due_at), cell(each.head), cell(each.attempts.count),
                                   each.attempts.first_at ? cell(*each.attempts.first_at) : Value(),
                                   cell(each.line.device), cell(each.line.subscription.value), cell(each.lease)});
    }
    const auto held = connection_->execute_many(settle_line, states);
    if (!held) return held.failure();
    std::vector<Value> done;
    std::vector<Value> ended;
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (!(*held)[i]) continue;
      const auto& [device, subscription] = sorted[i].line;
      ended.insert(ended.end(), {cell(device), cell(subscription.value)});
      if (const auto until = sorted[i].done_until) {
        done.insert(done.end(), {cell(device), cell(subscription.value), cell(*until)});
      }
    }
    if (auto deleted = run(delete_deliveries, done); !deleted) return deleted;
    if (auto emptied = run(end_empty_line, ended); !emptied) return emptied;
    return transaction->commit();
  }

  Result<OutboxLevels> levels() override {
    OutboxLevels levels;
    const auto count = [&](const char* statement, std::int64_t& rows) {
      return connection_->query(statement, {}, [&](const Row& row) {
        rows = row.integer(0);
        if (row.is_null(1)) return;
        const ServerTime oldest = server_time(row.integer(1));
        levels.oldest = std::min(levels.oldest.value_or(oldest), oldest);
      });
    };
    auto asked = count(count_events, levels.events);
    if (asked) asked = count(count_deliveries, levels.notifications);
    if (!asked) return asked.failure();
    return levels;
  }

 private:
  static constexpr std::int64_t before_all = std::numeric_limits<std::int64_t>::min();

  Result<void> run(const char* statement, const std::vector<Value>& cells) {
    if (cells.empty()) return {};
    auto done = connection_->execute_many(statement, cells);
    if (!done) return done.failure();
    return {};
  }

  Result<std::vector<WaitingEvent>> waiting_after(std::int64_t device, OutboxLimits limits) {
    std::vector<WaitingEvent> events;
    const Value values[] = {cell(device), limit_cell(limits.lines_max), limit_cell(limits.of_each_max)};
    auto asked = connection_->query(select_waiting, values, [&](const Row& row) {
      const DeviceNumber owner{row.integer(0)};
      events.push_back({owner, row.integer(1), server_time(row.integer(2)), possible_event(row, 3, owner)});
    });
    if (!asked) return asked.failure();
    return events;
  }

  Result<void> add_deliveries(std::span<const FannedOut> events, ServerTime now) {
    std::vector<std::string> bodies;  // the cells point to them
    bodies.reserve(events.size());
    std::vector<Value> cells;
    std::vector<Line> lines;
    for (const auto& [waiting, subscriptions] : events) {
      if (subscriptions.empty() || !waiting.event) continue;
      const std::string_view body = bodies.emplace_back(to_json(*waiting.event));
      for (const SubscriptionNumber each : subscriptions) {
        cells.insert(cells.end(), {cell(waiting.device), cell(each.value), cell(waiting.id), kind_of(*waiting.event),
                                   cell(waiting.caused_at), body});
        lines.push_back({waiting.device, each});
      }
    }
    std::sort(lines.begin(), lines.end());
    lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
    std::vector<Value> line_cells;
    for (const Line& line : lines) {
      line_cells.insert(line_cells.end(), {cell(line.device), cell(line.subscription.value), cell(now)});
    }
    auto done = run(insert_delivery, cells);
    return done ? run(upsert_line, line_cells) : done;
  }

  Result<std::vector<DueLine>> due_lines(ServerTime now, std::size_t lines_max) {
    std::vector<DueLine> lines;
    const Value values[] = {cell(now + wait_max), limit_cell(lines_max), cell(now)};
    auto asked = connection_->query(select_due, values, [&](const Row& row) {
      DueLine& line = lines.emplace_back();
      line.leased.line = {DeviceNumber{row.integer(0)}, SubscriptionNumber{row.integer(1)}};
      line.leased.lease = row.integer(2);
      line.head = row.integer(3);
      line.leased.attempts.count = row.integer(4);
      if (!row.is_null(5)) line.leased.attempts.first_at = server_time(row.integer(5));
      line.leased.due_at = server_time(row.integer(6));
    });
    if (!asked) return asked.failure();
    return lines;
  }

  /// The lines that no other worker has leased since they were read, the longest due first. They are locked in the
  /// order of their keys, so that two workers never wait for each other.
  Result<std::vector<DueLine>> lease(std::vector<DueLine> lines, ServerTime leased_until) {
    std::sort(lines.begin(), lines.end(),
              [](const DueLine& a, const DueLine& b) { return a.leased.line < b.leased.line; });
    std::vector<Value> cells;
    for (const DueLine& each : lines) {
      cells.insert(cells.end(),
                   {cell(leased_until), cell(each.leased.line.device), cell(each.leased.line.subscription.value),
                    cell(each.leased.lease), cell(each.leased.due_at)});
    }
    const auto leased = connection_->execute_many(lease_line, cells);
    if (!leased) return leased.failure();
    std::vector<DueLine> won;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (!(*leased)[i]) continue;
      ++lines[i].leased.lease;
      won.push_back(std::move(lines[i]));
    }
    std::stable_sort(won.begin(), won.end(),
                     [](const DueLine& a, const DueLine& b) { return a.leased.due_at < b.leased.due_at; });
    return won;
  }

  Result<void> read_notifications(DueLine& due, std::size_t notifications_max) {
    LeasedLine& leased = due.leased;
    const Value values[] = {cell(leased.line.device), cell(leased.line.subscription.value),
                            limit_cell(notifications_max)};
    auto asked = connection_->query(select_deliveries, values, [&](const Row& row) {
      leased.notifications.push_back(
          {row.integer(0), std::string(row.bytes(1)), possible_event(row, 2, leased.line.device)});
    });
    const bool is_of_another = leased.notifications.empty() || leased.notifications.front().event_id != due.head;
    if (is_of_another) leased.attempts = {};
    return asked;
  }

  std::unique_ptr<Connection> connection_;
  std::int64_t last_device_ = before_all;
};

}  // namespace

std::unique_ptr<Outbox> make_sql_outbox(std::unique_ptr<Connection> connection) {
  return std::make_unique<SqlOutbox>(std::move(connection));
}

}  // namespace packwalk::sql
