#include "adapters/sql/sql_device_eraser.h"

#include <limits>
#include <optional>
#include <utility>

#include "adapters/sql/derived_rows.h"
#include "adapters/sql/sql_rows.h"

namespace packwalk::sql {
namespace {

/// Rows of a device in one table, found by an index on the device and `order`, by which they go, the least first.
struct RowsOfDevice {
  const char* name;
  const char* count;
  const char* select_piece;
  const char* erase_until;
};

// clang-format off
#define PACKWALK_ROWS(name, table, device, order) \
  RowsOfDevice{name, "SELECT count(*) FROM " table " WHERE " device " = $1", \
        "SELECT max(last), count(*) FROM (SELECT " order " AS last FROM " table " WHERE " device " = $1 AND " order \
        " > CAST($2 AS bigint) ORDER BY " order " LIMIT $3) AS piece", \
        "DELETE FROM " table " WHERE " device " = $1 AND " order " <= $2"}
// clang-format on

/// place_cells come first, so that other devices no longer find it; states and analyses have one row each.
constexpr RowsOfDevice all_rows[] = {
    PACKWALK_ROWS("place_cells", "place_cells", "device", "slice"),
    PACKWALK_ROWS("stale_windows", "stale_windows", "device", "window_start"),
    PACKWALK_ROWS("set_aside_windows", "set_aside_windows", "device", "window_start"),
    PACKWALK_ROWS("chain_states with a later id", "chain_states", "device_a", "to_time"),
    PACKWALK_ROWS("chain_states with an earlier id", "chain_states", "device_b", "to_time"),
    PACKWALK_ROWS("track_states", "track_states", "device", "to_time"),
    PACKWALK_ROWS("joint_walks with a later id", "joint_walks", "device_a", "from_time"),
    PACKWALK_ROWS("joint_walks with an earlier id", "joint_walks", "device_b", "from_time"),
    PACKWALK_ROWS("contacts with a later id", "contacts", "device_a", "from_time"),
    PACKWALK_ROWS("contacts with an earlier id", "contacts", "device_b", "from_time"),
    PACKWALK_ROWS("tracks", "tracks", "device", "from_time"),
    PACKWALK_ROWS("activity", "activity", "device", "bucket"),
    PACKWALK_ROWS("analyses", "analyses", "device", "device"),
    // Events go before deliveries: while an event exists, its fan-out may still commit deliveries, and its deletion
    // waits for that.
    PACKWALK_ROWS("events", "events", "device", "id"),
    PACKWALK_ROWS("deliveries", "deliveries", "device", "event"),
    PACKWALK_ROWS("delivery_lines", "delivery_lines", "device", "subscription"),
    PACKWALK_ROWS("states", "states", "device", "device"),
    PACKWALK_ROWS("fixes", "fixes", "device", "timestamp"),
    PACKWALK_ROWS("samples", "samples", "device", "timestamp"),
    PACKWALK_ROWS("messages", "messages", "device", "received_at"),
    PACKWALK_ROWS("device_refusals", "device_refusals", "device", "device"),
    PACKWALK_ROWS("tokens", "tokens", "device", "created_at"),
};

constexpr const char* select_number = "SELECT number FROM devices WHERE id = $1";
constexpr const char* select_unfinished =
    "SELECT d.id FROM devices d JOIN erased_devices e ON e.device = d.number WHERE e.ended_at IS NULL ORDER BY d.id";
constexpr const char* insert_erased =
    "INSERT INTO erased_devices (device, begun_at) VALUES ($1, $2) ON CONFLICT (device) DO NOTHING";
constexpr const char* remove_device =
    "UPDATE devices SET revision = $1, removed_at = COALESCE(removed_at, $2) WHERE number = $3";
constexpr const char* delete_tokens = "DELETE FROM tokens WHERE device = $1";
constexpr const char* make_state =
    "INSERT INTO states (device, fixes, samples, duplicates, conflicts, invalid) VALUES ($1, 0, 0, 0, 0, 0) "
    "ON CONFLICT (device) DO NOTHING";
constexpr const char* make_analysis =
    "INSERT INTO analyses (device, version) VALUES ($1, 0) ON CONFLICT (device) DO NOTHING";
constexpr const char* delete_state = "DELETE FROM states WHERE device = $1";
constexpr const char* delete_analysis = "DELETE FROM analyses WHERE device = $1";
// No device can have such an id.
constexpr const char* blank_id =
    "UPDATE devices SET revision = $1, id = ':' || number, created_at = removed_at WHERE number = $2";
constexpr const char* note_end = "UPDATE erased_devices SET ended_at = $1 WHERE device = $2";

class SqlDeviceEraser final : public DeviceEraser {
 public:
  explicit SqlDeviceEraser(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<DeviceNumber> find(const DeviceId& id) override {
    const auto number = number_from(select_number, std::string_view(id.text()));
    if (!number) return number.failure();
    if (!*number) return fail(Errc::not_found, "no device " + id.text());
    return DeviceNumber{**number};
  }

  Result<std::vector<std::string>> unfinished() override {
    return all<std::string>(*connection_, select_unfinished, {},
                            [](const Row& row) { return std::string(row.bytes(0)); });
  }

  Result<void> begin(DeviceNumber device, ServerTime now) override {
    auto noted = in_transaction([&](std::int64_t revision) {
      auto done = run(insert_erased, {cell(device), cell(now)});
      if (done) done = run(remove_device, {cell(revision), cell(now), cell(device)});
      if (done) done = run(delete_tokens, {cell(device)});
      return done;
    });
    if (!noted) return noted;
    return wait_for_writers(device);
  }

  Result<std::int64_t> erase_some(DeviceNumber device, std::size_t rows_max) override {
    if (next_.device != device) next_ = {device};
    for (; next_.part < std::size(all_rows); next_ = {device, next_.part + 1}) {
      auto rows = erase_piece(all_rows[next_.part], rows_max);
      if (!rows || *rows > 0) return rows;
    }
    next_ = {};
    return 0;
  }

  Result<std::vector<RowCount>> count(DeviceNumber device) override {
    std::vector<RowCount> counts;
    for (const RowsOfDevice& each : all_rows) {
      const auto rows = number_from(each.count, cell(device));
      if (!rows) return rows.failure();
      counts.push_back({each.name, rows->value_or(0)});
    }
    return counts;
  }

  Result<void> end(DeviceNumber device, ServerTime now) override {
    return in_transaction([&](std::int64_t revision) {
      auto done = run(blank_id, {cell(revision), cell(device)});
      if (done) done = run(note_end, {cell(now), cell(device)});
      return done;
    });
  }

 private:
  /// The position at which erase_some() continues. No row is added before it, so deleted rows, which databases do not
  /// remove immediately, are not scanned again.
  struct Next {
    DeviceNumber device;
    std::size_t part = 0;  // of all_rows
    std::int64_t after = std::numeric_limits<std::int64_t>::min();
  };

  /// 0: there are no more. The number is too low if further rows share the last `order`.
  Result<std::int64_t> erase_piece(const RowsOfDevice& part, std::size_t rows_max) {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    std::int64_t last = 0;
    std::int64_t rows = 0;
    const Value piece[] = {cell(next_.device), cell(next_.after), limit_cell(rows_max)};
    auto asked = connection_->query(part.select_piece, piece, [&](const Row& row) {
      rows = row.integer(1);
      if (rows > 0) last = row.integer(0);
    });
    if (!asked) return asked.failure();
    if (rows == 0) return 0;
    auto erased = run(part.erase_until, {cell(next_.device), cell(last)});
    if (erased) erased = transaction->commit();
    if (!erased) return erased.failure();
    next_.after = last;
    return rows;
  }

  /// A transaction around `make`, which gets a revision greater than all earlier ones.
  Result<void> in_transaction(const std::function<Result<void>(std::int64_t)>& make) {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    if (auto alone = connection_->be_alone("devices"); !alone) return alone;
    std::int64_t revision = 0;
    auto done = connection_->query(select_revision, {}, [&](const Row& row) { revision = row.integer(0) + 1; });
    if (done) done = make(revision);
    return done ? transaction->commit() : done;
  }

  /// Ingest holds the device's state, and analysis its version, from before it looks for erased devices until it
  /// commits. A row that is not there cannot be held: so both are made, if need be, and deleted, which waits for them.
  Result<void> wait_for_writers(DeviceNumber device) {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    Result<void> done;
    for (const char* statement : {make_state, delete_state, make_analysis, delete_analysis}) {
      if (done) done = run(statement, {cell(device)});
    }
    return done ? transaction->commit() : done;
  }

  Result<void> run(const char* statement, std::initializer_list<Value> values) {
    return connection_->query(statement, std::span(values.begin(), values.size()), [](const Row&) {});
  }

  Result<std::optional<std::int64_t>> number_from(const char* statement, const Value& value) {
    std::optional<std::int64_t> number;
    auto asked = connection_->query(statement, {&value, 1}, [&](const Row& row) { number = row.integer(0); });
    if (!asked) return asked.failure();
    return number;
  }

  std::unique_ptr<Connection> connection_;
  Next next_{};
};

}  // namespace

std::unique_ptr<DeviceEraser> make_sql_device_eraser(std::unique_ptr<Connection> connection) {
  return std::make_unique<SqlDeviceEraser>(std::move(connection));
}

}  // namespace packwalk::sql
