#include "adapters/sql/sql_analysis_store.h"

#include <algorithm>
#include <utility>

#include "adapters/sql/analysis_cells.h"
#include "adapters/sql/derived_rows.h"
#include "adapters/sql/set_aside_windows.h"
#include "adapters/sql/sql_analysis_snapshot.h"
#include "adapters/sql/stale_windows.h"
#include "adapters/sql/tables.h"

namespace packwalk::sql {
namespace {

constexpr const char* select_devices_since =
    "SELECT DISTINCT device FROM stale_windows w WHERE window_start >= $1 AND device > $2 AND " PACKWALK_NOT_SET_ASIDE
    "ORDER BY device LIMIT $3";
constexpr const char* select_next_device =
    "SELECT device FROM stale_windows w WHERE device > $1 AND window_start < $2 AND " PACKWALK_NOT_SET_ASIDE
    "ORDER BY device LIMIT 1";
constexpr const char* count_windows = "SELECT count(*) FROM stale_windows";
constexpr const char* select_rules = "SELECT rules, marked_until FROM analysis_rules";
constexpr const char* select_next_heard = "SELECT device FROM states WHERE device > $1 ORDER BY device LIMIT 1";
// % has the sign of the time, which may be before 1970.
constexpr const char* select_all_windows =
    "SELECT DISTINCT timestamp - (timestamp % 900 + 900) % 900 AS window_start FROM "
    "(SELECT timestamp FROM fixes WHERE device = $1 UNION ALL SELECT timestamp FROM samples WHERE device = $1) "
    "AS packets ORDER BY window_start";
constexpr std::size_t windows_a_piece = 1000;
static_assert(stale_window_length.count() == 900);

constexpr const char* delete_track = "DELETE FROM tracks WHERE device = $1 AND from_time = $2";
constexpr const char* delete_activity =
    "DELETE FROM activity WHERE device = $1 AND bucket = $2 AND activity = $3 AND in_track = $4";
constexpr const char* delete_place = "DELETE FROM place_cells WHERE slice = $1 AND cell = $2 AND device = $3";
constexpr const char* delete_contact = "DELETE FROM contacts WHERE device_a = $1 AND device_b = $2 AND from_time = $3";
constexpr const char* delete_joint_walk =
    "DELETE FROM joint_walks WHERE device_a = $1 AND device_b = $2 AND from_time = $3";
constexpr const char* delete_track_state = "DELETE FROM track_states WHERE device = $1 AND to_time = $2";
constexpr const char* delete_chain_state =
    "DELETE FROM chain_states WHERE device_a = $1 AND device_b = $2 AND to_time = $3";
constexpr const char* delete_window = "DELETE FROM stale_windows WHERE device = $1 AND window_start = $2";
constexpr const char* count_packets =
    "SELECT (SELECT count(*) FROM fixes WHERE device = $1 AND timestamp >= $2 AND timestamp < $3) + "
    "(SELECT count(*) FROM samples WHERE device = $1 AND timestamp >= $2 AND timestamp < $3)";

template <class T>
Result<void> done_or_error(Result<T> result) {
  if (!result) return result.failure();
  return {};
}

class SqlAnalysisStore final : public AnalysisStore {
 public:
  explicit SqlAnalysisStore(std::unique_ptr<Connection> connection)
      : connection_(std::move(connection)), set_aside_(*connection_) {}

  Result<std::vector<DeviceNumber>> devices_stale_since(DeviceTime since, std::int64_t after,
                                                        std::size_t limit) override {
    const Value values[] = {cell(since), cell(after), limit_cell(limit)};
    return all<DeviceNumber>(*connection_, select_devices_since, values,
                             [](const Row& row) { return DeviceNumber{row.integer(0)}; });
  }

  Result<std::optional<DeviceNumber>> next_device_stale_before(DeviceTime until, std::int64_t after) override {
    const Value values[] = {cell(after), cell(until)};
    return device_of(select_next_device, values);
  }

  Result<std::int64_t> count_stale_windows() override {
    std::int64_t count = 0;
    auto asked = connection_->query(count_windows, {}, [&](const Row& row) { count = row.integer(0); });
    if (!asked) return asked.failure();
    return count;
  }

  Result<void> set_aside(const SetAside& window) override { return set_aside_.set_aside(window); }
  Result<std::vector<SetAside>> windows_set_aside(std::size_t limit) override {
    return set_aside_.windows_set_aside(limit);
  }
  Result<std::int64_t> count_failures(const StaleWindow& window) override { return set_aside_.count_failures(window); }
  Result<std::int64_t> count_set_aside() override { return set_aside_.count(); }
  Result<void> retry_set_aside(ServerTime now) override { return set_aside_.retry(now); }

  Result<RulesInUse> rules() override {
    RulesInUse rules;
    auto asked = connection_->query(select_rules, {}, [&](const Row& row) {
      rules.text = row.bytes(0);
      if (!row.is_null(1)) rules.marked_until = row.integer(1);
    });
    if (!asked) return asked.failure();
    return rules;
  }

  Result<void> put_rules(const RulesInUse& rules) override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    const Value row[] = {cell(std::int64_t{1}), std::string_view(rules.text),
                         rules.marked_until ? cell(*rules.marked_until) : Value()};
    auto done = connection_->put(analysis_rules, row);
    return done ? transaction->commit() : done;
  }

  Result<std::optional<DeviceNumber>> next_device(std::int64_t after) override {
    const Value value = cell(after);
    return device_of(select_next_heard, {&value, 1});
  }

  /// In the order of ingest, so that there is no deadlock.
  Result<void> mark_all_stale(DeviceNumber device) override {
    std::vector<Value> cells;
    const Value value = cell(device);
    auto read = connection_->query(select_all_windows, {&value, 1}, [&](const Row& row) {
      cells.insert(cells.end(), {value, cell(row.integer(0))});
    });
    const std::size_t width = sql::stale_windows.columns.size();
    for (std::span<const Value> rest = cells; read && !rest.empty();) {
      const auto piece = rest.first(std::min(rest.size(), windows_a_piece * width));
      auto transaction = Transaction::begin(*connection_);
      if (!transaction) return transaction.failure();
      // While its state is locked, the device cannot be erased. An erased device has no state.
      bool was_heard = false;
      read = connection_->read(states, {&value, 1}, Connection::Hold::yes,
                               [&](std::size_t, const Row&) { was_heard = true; });
      if (read && !was_heard) return {};
      if (read) read = done_or_error(connection_->insert(sql::stale_windows, piece));
      if (read) read = transaction->commit();
      rest = rest.subspan(piece.size());
    }
    return read;
  }

  Result<bool> lock(DeviceNumber device) override { return connection_->lock(device.value); }
  void release(DeviceNumber device) override { connection_->release(device.value); }

  Result<std::unique_ptr<AnalysisSnapshot>> snapshot() override {
    if (auto begun = connection_->begin_reading(); !begun) return begun.failure();
    snapshot_taken_in_ = connection_->session();
    return make_sql_analysis_snapshot(*connection_);
  }

  Result<std::optional<AnalysisVersion>> put_places(DeviceNumber device, AnalysisVersion version,
                                                    const RowChanges<PlaceCell>& changes) override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    const Value fresh[] = {cell(device), cell(std::int64_t{0})};  // only an existing row can be locked
    if (auto done = done_or_error(connection_->insert(analyses, fresh)); !done) return done.failure();
    const std::pair<DeviceNumber, AnalysisVersion> expected{device, version};
    const auto are_current = hold({&expected, 1});
    if (!are_current) return are_current.failure();
    if (!*are_current) return std::optional<AnalysisVersion>();
    const auto erased = is_erased(device);
    if (!erased) return erased.failure();
    if (*erased) return std::optional<AnalysisVersion>();
    auto done = done_or_error(connection_->execute_many(delete_place, keys_of(device, changes.gone)));
    if (done) done = done_or_error(connection_->insert(place_cells, keys_of(device, changes.put)));
    if (done) done = put_version(device, version + 1);
    if (done) done = transaction->commit();
    if (!done) return done.failure();
    return std::optional(version + 1);
  }

  Result<bool> finish(const Analysis& analysis) override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    const auto stale = windows_to_clear(analysis);
    if (!stale) return stale.failure();
    const auto are_current = hold(analysis.versions);
    if (!are_current) return are_current.failure();
    if (!*are_current) return false;
    const auto self = std::find_if(analysis.versions.begin(), analysis.versions.end(),
                                   [&](const auto& each) { return each.first == analysis.device; });
    auto done = clear(analysis.device, *stale);
    if (done) done = mark(analysis.marked);
    if (done) done = write_states(analysis.device, analysis.track_states, delete_track_state, track_states);
    if (done) done = write_states(analysis.device, analysis.chain_states, delete_chain_state, chain_states);
    if (done) done = write(analysis, analysis.tracks, delete_track, tracks);
    if (done) done = write(analysis, analysis.activity, delete_activity, activity);
    if (done) done = write(analysis, analysis.contacts, delete_contact, contacts);
    if (done) done = write(analysis, analysis.walks, delete_joint_walk, joint_walks);
    if (done) done = put_version(analysis.device, self->second + 1);
    if (done) done = check_rules(analysis.rules);
    if (done) done = transaction->commit();
    if (!done) return done.failure();
    return true;
  }

 private:
  Result<std::optional<DeviceNumber>> device_of(const char* statement, std::span<const Value> values) {
    std::optional<DeviceNumber> device;
    auto asked = connection_->query(statement, values, [&](const Row& row) { device = DeviceNumber{row.integer(0)}; });
    if (!asked) return asked.failure();
    return device;
  }

  /// Ingest holds a device's state from before it marks its windows until it commits. So once it is held here, what was
  /// marked is committed and can be counted, and what is marked later is marked anew.
  Result<std::vector<Value>> windows_to_clear(const Analysis& analysis) {
    const Value device = cell(analysis.device);
    std::int64_t packets = 0;
    auto held = connection_->read(states, {&device, 1}, Connection::Hold::yes, [&](std::size_t, const Row& row) {
      const CurrentState state = state_at(row, analysis.device, 1);
      packets = state.counts.accepted();
    });
    if (!held) return held.failure();
    std::vector<Value> cleared;
    for (const ReadWindow& each : analysis.windows) {
      std::int64_t now = each.packets;
      if (packets != analysis.packets) {
        const Value values[] = {device, cell(each.window.from), cell(each.window.from + stale_window_length)};
        auto asked = connection_->query(count_packets, values, [&](const Row& row) { now = row.integer(0); });
        if (!asked) return asked.failure();
      }
      if (now == each.packets) cleared.insert(cleared.end(), {device, cell(each.window.from)});
    }
    return cleared;
  }

  Result<void> clear(DeviceNumber device, std::span<const Value> windows) {
    auto done = done_or_error(connection_->execute_many(delete_window, windows));
    if (done) done = set_aside_.forget(device, windows);
    return done;
  }

  /// Ingest does not mark meanwhile: the device's state is held.
  Result<void> mark(std::span<const StaleWindow> windows) {
    std::vector<Value> cells;
    for (const StaleWindow& window : windows) cells.insert(cells.end(), {cell(window.device), cell(window.from)});
    return done_or_error(connection_->insert(sql::stale_windows, cells));
  }

  template <class Thing>
  Result<void> write_states(DeviceNumber device, const RowChanges<Thing>& changes, const char* remove,
                            const Table& table) {
    if (changes.empty()) return {};
    auto gone = connection_->execute_many(remove, keys_of(device, changes.gone));
    if (!gone) return gone.failure();
    std::vector<std::string> bytes;
    return connection_->put(table, rows_of_states(device, changes.put, bytes));
  }

  /// Last of all: who made other rules valid then marks every window, and waits for us where we cleared one.
  Result<void> check_rules(const std::string& ours) {
    const auto valid = rules();
    if (!valid) return valid.failure();
    if (valid->text == ours) return {};
    return fail(Errc::conflict, "other processes have other constants. Give all the same section [analysis]");
  }

  /// Holds the versions of some devices, in the order of their numbers; says whether they are those that were read.
  Result<bool> hold(std::span<const std::pair<DeviceNumber, AnalysisVersion>> versions) {
    std::vector<Value> keys;
    for (const auto& [device, version] : versions) keys.push_back(cell(device));
    std::size_t current = 0;
    auto held = connection_->read(analyses, keys, Connection::Hold::yes, [&](std::size_t i, const Row& row) {
      if (row.integer(1) == versions[i].second) ++current;
    });
    if (!held) return held.failure();
    const bool is_same_connection = snapshot_taken_in_ == 0 || connection_->session() == snapshot_taken_in_;
    return is_same_connection && current == versions.size();
  }

  /// Asked while its version is held: it is not erased until the end of the transaction. finish() need not ask, as an
  /// erased device has no version.
  Result<bool> is_erased(DeviceNumber device) {
    bool erased = false;
    const Value key = cell(device);
    auto asked = connection_->read(erased_devices, {&key, 1}, Connection::Hold::no,
                                   [&](std::size_t, const Row&) { erased = true; });
    if (!asked) return asked.failure();
    return erased;
  }

  Result<void> put_version(DeviceNumber device, AnalysisVersion version) {
    const Value cells[] = {cell(device), cell(version)};
    return connection_->put(analyses, cells);
  }

  template <class Thing>
  Result<void> write(const Analysis& analysis, const RowChanges<Thing>& changes, const char* remove,
                     const Table& table) {
    auto gone = connection_->execute_many(remove, keys_of(analysis.device, changes.gone));
    if (!gone) return gone.failure();
    return connection_->put(table, rows_of(analysis.device, changes.put));
  }

  std::unique_ptr<Connection> connection_;
  SetAsideWindows set_aside_;
  /// The session of the last snapshot: a database that came back may have lost what it had.
  std::uint64_t snapshot_taken_in_ = 0;
};

}  // namespace

std::unique_ptr<AnalysisStore> make_sql_analysis_store(std::unique_ptr<Connection> connection) {
  return std::make_unique<SqlAnalysisStore>(std::move(connection));
}

}  // namespace packwalk::sql
