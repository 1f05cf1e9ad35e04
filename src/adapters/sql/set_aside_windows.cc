#include "adapters/sql/set_aside_windows.h"

#include <string>

#include "adapters/sql/derived_rows.h"
#include "adapters/sql/tables.h"

namespace packwalk::sql {
namespace {

constexpr const char* count_waiting = "SELECT count(*) FROM set_aside_windows";
constexpr const char* select_set_aside =
    "SELECT device, window_start, failures, retry_at, reason FROM set_aside_windows "
    "ORDER BY device, window_start LIMIT $1";
constexpr const char* select_failures =
    "SELECT failures FROM set_aside_windows WHERE device = $1 AND window_start = $2";
constexpr std::chrono::hours wait_max{25};  // only a clock that was ahead writes a later time
constexpr const char* end_waiting =
    "UPDATE set_aside_windows SET waits = 0 WHERE waits = 1 AND (retry_at <= $1 OR retry_at > $2)";
constexpr const char* select_window = "SELECT 1 FROM stale_windows WHERE device = $1 AND window_start = $2";
constexpr const char* select_any_set_aside = "SELECT 1 FROM set_aside_windows WHERE device = $1 LIMIT 1";
constexpr const char* delete_set_aside = "DELETE FROM set_aside_windows WHERE device = $1 AND window_start = $2";

}  // namespace

Result<void> SetAsideWindows::set_aside(const SetAside& window) {
  auto transaction = Transaction::begin(connection_);
  if (!transaction) return transaction.failure();
  const Value key[] = {cell(window.window.device), cell(window.window.from)};
  // While its state is locked, the device cannot be erased. An erased device has no state.
  bool was_heard = false;
  bool is_stale = false;
  auto done =
      connection_.read(states, {key, 1}, Connection::Hold::yes, [&](std::size_t, const Row&) { was_heard = true; });
  if (done) done = connection_.query(select_window, key, [&](const Row&) { is_stale = true; });
  if (!done || !was_heard || !is_stale) return done;
  const Value row[] = {key[0],
                       key[1],
                       cell(std::int64_t{1}),
                       cell(window.failures),
                       cell(window.retry_at),
                       std::string_view(window.reason)};
  done = connection_.put(set_aside_windows, row);
  return done ? transaction->commit() : done;
}

Result<std::vector<SetAside>> SetAsideWindows::windows_set_aside(std::size_t limit) {
  const Value value = limit_cell(limit);
  return all<SetAside>(connection_, select_set_aside, {&value, 1}, [](const Row& row) {
    return SetAside{.window = {DeviceNumber{row.integer(0)}, device_time(row.integer(1))},
                    .failures = row.integer(2),
                    .retry_at = server_time(row.integer(3)),
                    .reason = std::string(row.bytes(4))};
  });
}

Result<std::int64_t> SetAsideWindows::count_failures(const StaleWindow& window) {
  std::int64_t failures = 0;
  const Value key[] = {cell(window.device), cell(window.from)};
  auto asked = connection_.query(select_failures, key, [&](const Row& row) { failures = row.integer(0); });
  if (!asked) return asked.failure();
  return failures;
}

Result<std::int64_t> SetAsideWindows::count() {
  std::int64_t count = 0;
  auto asked = connection_.query(count_waiting, {}, [&](const Row& row) { count = row.integer(0); });
  if (!asked) return asked.failure();
  return count;
}

Result<void> SetAsideWindows::retry(ServerTime now) {
  auto transaction = Transaction::begin(connection_);
  if (!transaction) return transaction.failure();
  const Value values[] = {cell(now), cell(now + wait_max)};
  auto ended = connection_.execute_many(end_waiting, values);
  return ended ? transaction->commit() : ended.failure();
}

Result<void> SetAsideWindows::forget(DeviceNumber device, std::span<const Value> keys) {
  bool any = false;
  const Value key = cell(device);
  auto done = connection_.query(select_any_set_aside, {&key, 1}, [&](const Row&) { any = true; });
  if (!done || !any) return done;
  auto removed = connection_.execute_many(delete_set_aside, keys);
  return removed ? Result<void>() : removed.failure();
}

}  // namespace packwalk::sql
