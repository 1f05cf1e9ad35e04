#include "adapters/sql/sql_analysis_store.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "adapters/sql/derived_rows.h"
#include "adapters/sql/state_bytes.h"
#include "adapters/sql/tables.h"

namespace packwalk::sql {
namespace {

// clang-format off
/// Of nearly no window: `w` are the stale ones.
#define PACKWALK_NOT_SET_ASIDE \
  "NOT EXISTS (SELECT 1 FROM set_aside_windows s " \
  "WHERE s.device = w.device AND s.window_start = w.window_start AND s.waits = 1) "
// clang-format on
constexpr const char* select_oldest_windows =
    "SELECT window_start FROM stale_windows w WHERE device = $1 AND " PACKWALK_NOT_SET_ASIDE
    "ORDER BY window_start LIMIT $2";
constexpr const char* select_newest_windows =
    "SELECT window_start FROM stale_windows w WHERE device = $1 AND " PACKWALK_NOT_SET_ASIDE
    "ORDER BY window_start DESC LIMIT $2";
constexpr const char* select_devices_since =
    "SELECT DISTINCT device FROM stale_windows w WHERE window_start >= $1 AND device > $2 AND " PACKWALK_NOT_SET_ASIDE
    "ORDER BY device LIMIT $3";
constexpr const char* select_next_device =
    "SELECT device FROM stale_windows w WHERE device > $1 AND window_start < $2 AND " PACKWALK_NOT_SET_ASIDE
    "ORDER BY device LIMIT 1";
constexpr const char* select_packets = "SELECT fixes + samples FROM states WHERE device = $1";
constexpr const char* select_device =
    "SELECT coalesce((SELECT id FROM devices WHERE number = $1), ''), "
    "coalesce((SELECT version FROM analyses WHERE device = $1), 0), "
    "(SELECT count(*) FROM erased_devices WHERE device = $1)";
constexpr const char* select_path =
    "SELECT lat, lon, accuracy, timestamp FROM fixes "
    "WHERE device = $1 AND timestamp >= $2 AND timestamp <= $3 ORDER BY timestamp LIMIT $4";
constexpr const char* select_samples_within =
    "SELECT timestamp, received_at, steps, activity, status FROM samples "
    "WHERE device = $1 AND timestamp >= $2 AND timestamp <= $3 ORDER BY timestamp LIMIT $4";
constexpr const char* select_sleeps =
    "SELECT timestamp FROM samples "
    "WHERE device = $1 AND timestamp >= $2 AND timestamp <= $3 AND activity = 0 ORDER BY timestamp LIMIT $4";
constexpr const char* select_places =
    "SELECT slice, cell FROM place_cells WHERE device = $1 AND slice >= $2 AND slice <= $3 ORDER BY slice, cell";

// clang-format off
#define PACKWALK_OF_PAIR(columns, table, device) \
  "SELECT " columns " FROM " table " WHERE " device " = $1 AND " PACKWALK_BEGUN_LATELY \
  "UNION ALL SELECT " columns " FROM " table " WHERE " device " = $1 AND " PACKWALK_BEGUN_LONG_AGO
#define PACKWALK_OF_PAIRS(columns, table) \
  PACKWALK_OF_PAIR(columns, table, "device_a") "UNION ALL " PACKWALK_OF_PAIR(columns, table, "device_b")
// clang-format on
constexpr const char* select_contacts =
    PACKWALK_OF_PAIRS("device_a, device_b, from_time, to_time, near_seconds", "contacts");
constexpr const char* select_track_states =
    "SELECT state FROM track_states WHERE device = $1 AND to_time >= $2 AND to_time <= $3 ORDER BY to_time LIMIT $4";
constexpr const char* select_last_track_state =
    "SELECT state FROM track_states WHERE device = $1 AND to_time < $2 ORDER BY to_time DESC LIMIT 1";
constexpr const char* select_chain_states =
    "SELECT device_a, device_b, state FROM chain_states WHERE device_a = $1 AND to_time >= $2 AND to_time <= $3 "
    "UNION ALL "
    "SELECT device_a, device_b, state FROM chain_states WHERE device_b = $1 AND to_time >= $2 AND to_time <= $3";
constexpr const char* select_last_chain_state =
    "SELECT state FROM chain_states WHERE device_a = $1 AND device_b = $2 AND to_time < $3 "
    "ORDER BY to_time DESC LIMIT 1";
constexpr const char* select_joint_walks = PACKWALK_OF_PAIRS(PACKWALK_JOINT_WALK_COLUMNS, "joint_walks");

constexpr const char* count_windows = "SELECT count(*) FROM stale_windows";
constexpr const char* count_waiting = "SELECT count(*) FROM set_aside_windows";
constexpr const char* select_set_aside =
    "SELECT device, window_start, failures, retry_at, reason FROM set_aside_windows "
    "ORDER BY device, window_start LIMIT $1";
constexpr const char* select_failures =
    "SELECT failures FROM set_aside_windows WHERE device = $1 AND window_start = $2";
constexpr const char* end_waiting = "UPDATE set_aside_windows SET waits = 0 WHERE waits = 1 AND retry_at <= $1";
constexpr const char* select_window = "SELECT 1 FROM stale_windows WHERE device = $1 AND window_start = $2";
constexpr const char* select_any_set_aside = "SELECT 1 FROM set_aside_windows WHERE device = $1 LIMIT 1";
constexpr const char* delete_set_aside = "DELETE FROM set_aside_windows WHERE device = $1 AND window_start = $2";
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

PathFix path_fix_at(const Row& row) { return {position_at(row, 0), meters_at(row, 2), device_time_at(row, 3)}; }

OfPair<Contact> contact_at(const Row& row) {
  return {DeviceNumber{row.integer(0)}, DeviceNumber{row.integer(1)},
          Contact{.from = row.integer(2), .to = row.integer(3), .near_seconds = row.integer(4)}};
}

void append_key(std::vector<Value>& cells, DeviceNumber device, const Track& track) {
  cells.insert(cells.end(), {cell(device), cell(track.from)});
}
void append_row(std::vector<Value>& cells, const Track& track) {
  cells.insert(cells.end(),
               {cell(track.to), cell(track.fixes), cell(track.length_m), cell(track.moving.count()),
                cell(track.box.west()), cell(track.box.south()), cell(track.box.east()), cell(track.box.north())});
}

void append_key(std::vector<Value>& cells, DeviceNumber device, const TrackState& state) {
  cells.insert(cells.end(), {cell(device), cell(state.to)});
}

void append_key(std::vector<Value>& cells, DeviceNumber device, const ActivitySum& sum) {
  cells.insert(cells.end(), {cell(device), cell(sum.key.bucket), cell(static_cast<std::uint8_t>(sum.key.activity)),
                             cell(std::int64_t{sum.key.in_track ? 1 : 0})});
}
void append_row(std::vector<Value>& cells, const ActivitySum& sum) {
  cells.insert(cells.end(), {cell(sum.seconds), cell(sum.steps)});
}

void append_key(std::vector<Value>& cells, DeviceNumber device, const PlaceCell& place) {
  cells.insert(cells.end(), {cell(place.slice), cell(place.cell), cell(device)});
}

void append_key(std::vector<Value>& cells, DeviceNumber, const OfPair<ChainState>& state) {
  cells.insert(cells.end(), {cell(state.a), cell(state.b), cell(state.of.to)});
}
template <class Thing>
void append_key(std::vector<Value>& cells, DeviceNumber, const OfPair<Thing>& thing) {
  cells.insert(cells.end(), {cell(thing.a), cell(thing.b), cell(thing.of.from)});
}
void append_row(std::vector<Value>& cells, const OfPair<Contact>& contact) {
  cells.insert(cells.end(), {cell(contact.of.to), cell(contact.of.near_seconds)});
}
void append_row(std::vector<Value>& cells, const OfPair<JointWalk>& joint) {
  const JointWalk& walk = joint.of;
  cells.insert(cells.end(), {cell(walk.to), cell(walk.near_seconds), cell(walk.seconds_together), cell(walk.contacts),
                             cell(walk.min_distance_m), cell(walk.mean_m), cell(walk.length_a_m), cell(walk.length_b_m),
                             cell(walk.middle_from.latitude()), cell(walk.middle_from.longitude()),
                             cell(walk.middle_to.latitude()), cell(walk.middle_to.longitude())});
}

template <class Thing>
std::vector<Value> keys_of(DeviceNumber device, const std::vector<Thing>& rows) {
  std::vector<Value> cells;
  for (const Thing& row : rows) append_key(cells, device, row);
  return cells;
}
template <class Thing>
std::vector<Value> rows_of(DeviceNumber device, const std::vector<Thing>& rows) {
  std::vector<Value> cells;
  for (const Thing& row : rows) {
    append_key(cells, device, row);
    append_row(cells, row);
  }
  return cells;
}

/// Of folds. `bytes` hold what the cells show.
template <class Thing>
std::vector<Value> rows_of_states(DeviceNumber device, const std::vector<Thing>& rows,
                                  std::vector<std::string>& bytes) {
  std::vector<Value> cells;
  bytes.reserve(rows.size());
  for (const Thing& row : rows) {
    if constexpr (std::is_same_v<Thing, TrackState>) {
      bytes.push_back(bytes_of(row));
    } else {
      bytes.push_back(bytes_of(row.of));
    }
    append_key(cells, device, row);
    cells.push_back(Blob{bytes.back()});
  }
  return cells;
}

template <class T>
Result<void> done_or_error(Result<T> result) {
  if (!result) return result.failure();
  return {};
}

class SqlAnalysisSnapshot final : public AnalysisSnapshot {
 public:
  explicit SqlAnalysisSnapshot(Connection& connection) : connection_(connection) {}
  SqlAnalysisSnapshot(const SqlAnalysisSnapshot&) = delete;
  SqlAnalysisSnapshot& operator=(const SqlAnalysisSnapshot&) = delete;
  ~SqlAnalysisSnapshot() override { connection_.rollback(); }

  Result<std::vector<StaleWindow>> stale_windows(DeviceNumber device, WindowOrder order, std::size_t limit) override {
    const Value values[] = {cell(device), limit_cell(limit)};
    const char* statement = order == WindowOrder::oldest_first ? select_oldest_windows : select_newest_windows;
    return all<StaleWindow>(connection_, statement, values, [&](const Row& row) {
      return StaleWindow{device, device_time(row.integer(0))};
    });
  }

  Result<std::int64_t> packets(DeviceNumber device) override {
    std::int64_t packets = 0;
    const Value value = cell(device);
    auto asked = connection_.query(select_packets, {&value, 1}, [&](const Row& row) { packets = row.integer(0); });
    if (!asked) return asked.failure();
    return packets;
  }

  Result<std::vector<AnalysedDevice>> devices(std::span<const DeviceNumber> numbers) override {
    std::vector<AnalysedDevice> devices;
    for (const DeviceNumber number : numbers) {
      const Value value = cell(number);
      auto asked = connection_.query(select_device, {&value, 1}, [&](const Row& row) {
        devices.push_back({number, std::string(row.bytes(0)), row.integer(1), row.integer(2) > 0});
      });
      if (!asked) return asked.failure();
    }
    return devices;
  }

  Result<std::vector<PathFix>> fixes(DeviceNumber device, Seconds range, std::size_t limit) override {
    return bounded<PathFix>(select_path, device, range, limit, path_fix_at);
  }
  Result<std::vector<Sample>> samples(DeviceNumber device, Seconds range, std::size_t limit) override {
    return bounded<Sample>(select_samples_within, device, range, limit, sample_at);
  }
  Result<std::vector<DeviceTime>> sleeps(DeviceNumber device, Seconds range, std::size_t limit) override {
    return bounded<DeviceTime>(select_sleeps, device, range, limit,
                               [](const Row& row) { return device_time(row.integer(0)); });
  }

  Result<std::vector<TrackState>> track_states(DeviceNumber device, Seconds range, std::size_t limit) override {
    const Value values[] = {cell(device), cell(range.from), cell(range.to), limit_cell(limit)};
    std::vector<TrackState> states;
    auto asked = connection_.query(select_track_states, values, [&](const Row& row) {
      if (const auto state = state_from<TrackState>(row.bytes(0))) states.push_back(*state);
    });
    if (!asked) return asked.failure();
    return states;
  }
  Result<std::optional<TrackState>> last_track_state(DeviceNumber device, Second until) override {
    const Value values[] = {cell(device), cell(until)};
    return state_of<TrackState>(select_last_track_state, values);
  }
  Result<std::vector<OfPair<ChainState>>> chain_states(DeviceNumber device, Seconds range) override {
    const Value values[] = {cell(device), cell(range.from), cell(range.to)};
    std::vector<OfPair<ChainState>> states;
    auto asked = connection_.query(select_chain_states, values, [&](const Row& row) {
      const auto state = state_from<ChainState>(row.bytes(2));
      if (state) states.push_back({DeviceNumber{row.integer(0)}, DeviceNumber{row.integer(1)}, *state});
    });
    if (!asked) return asked.failure();
    std::sort(states.begin(), states.end(),
              [](const auto& x, const auto& y) { return std::tie(x.a, x.b, x.of.to) < std::tie(y.a, y.b, y.of.to); });
    return states;
  }
  Result<std::optional<ChainState>> last_chain_state(DeviceNumber a, DeviceNumber b, Second until) override {
    const Value values[] = {cell(a), cell(b), cell(until)};
    return state_of<ChainState>(select_last_chain_state, values);
  }

  Result<std::vector<Track>> tracks(DeviceNumber device, Seconds range) override {
    const Value values[] = {cell(device), cell(range.from), cell(range.to), limit_cell(static_cast<std::size_t>(-1))};
    return all<Track>(connection_, select_tracks, values, track_at);
  }
  Result<std::vector<ActivitySum>> activity(DeviceNumber device, Seconds range) override {
    return in_range<ActivitySum>(select_activity, device, range, activity_sum_at);
  }
  Result<std::vector<OfPair<Contact>>> contacts(DeviceNumber device, Seconds range) override {
    return of_pairs<Contact>(select_contacts, device, range, contact_at);
  }
  Result<std::vector<OfPair<JointWalk>>> joint_walks(DeviceNumber device, Seconds range) override {
    return of_pairs<JointWalk>(select_joint_walks, device, range, joint_walk_at);
  }

  Result<std::vector<PlaceCell>> places(DeviceNumber device, Second first_slice, Second last_slice) override {
    return in_range<PlaceCell>(select_places, device, {first_slice, last_slice}, [](const Row& row) {
      return PlaceCell{.slice = row.integer(0), .cell = row.integer(1)};
    });
  }

  Result<std::vector<std::pair<DeviceNumber, Second>>> devices_at(std::span<const PlaceCell> cells) override {
    std::vector<Value> keys;
    for (const PlaceCell& place : cells) keys.insert(keys.end(), {cell(place.slice), cell(place.cell)});
    std::vector<std::pair<DeviceNumber, Second>> found;
    auto asked = connection_.read(devices_of_cells, keys, Connection::Hold::no, [&](std::size_t, const Row& row) {
      found.emplace_back(DeviceNumber{row.integer(2)}, row.integer(0));
    });
    if (!asked) return asked.failure();
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
  }

 private:
  template <class Thing, class FromRow>
  Result<std::vector<Thing>> in_range(const char* statement, DeviceNumber device, Seconds range, FromRow from_row) {
    const Value values[] = {cell(device), cell(range.from), cell(range.to)};
    return all<Thing>(connection_, statement, values, from_row);
  }

  template <class Thing>
  Result<std::vector<OfPair<Thing>>> of_pairs(const char* statement, DeviceNumber device, Seconds range,
                                              OfPair<Thing> (*from_row)(const Row&)) {
    auto found = in_range<OfPair<Thing>>(statement, device, range, from_row);
    if (!found) return found;
    std::sort(found->begin(), found->end(), [](const OfPair<Thing>& x, const OfPair<Thing>& y) {
      return std::tie(x.a, x.b, x.of.from) < std::tie(y.a, y.b, y.of.from);
    });
    return found;
  }

  template <class Thing, class FromRow>
  Result<std::vector<Thing>> bounded(const char* statement, DeviceNumber device, Seconds range, std::size_t limit,
                                     FromRow from_row) {
    const Value values[] = {cell(device), cell(range.from), cell(range.to), limit_cell(limit)};
    return all<Thing>(connection_, statement, values, from_row);
  }

  template <class State>
  Result<std::optional<State>> state_of(const char* statement, std::span<const Value> values) {
    std::optional<State> state;
    auto asked = connection_.query(statement, values, [&](const Row& row) { state = state_from<State>(row.bytes(0)); });
    if (!asked) return asked.failure();
    return state;
  }

  Connection& connection_;
};

class SqlAnalysisStore final : public AnalysisStore {
 public:
  explicit SqlAnalysisStore(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}

  Result<std::vector<DeviceNumber>> devices_stale_since(DeviceTime since, std::int64_t after,
                                                        std::size_t limit) override {
    const Value values[] = {cell(since), cell(after), limit_cell(limit)};
    return all<DeviceNumber>(*connection_, select_devices_since, values,
                             [](const Row& row) { return DeviceNumber{row.integer(0)}; });
  }

  Result<std::optional<DeviceNumber>> next_device_stale_before(DeviceTime until, std::int64_t after) override {
    std::optional<DeviceNumber> next;
    const Value values[] = {cell(after), cell(until)};
    auto asked =
        connection_->query(select_next_device, values, [&](const Row& row) { next = DeviceNumber{row.integer(0)}; });
    if (!asked) return asked.failure();
    return next;
  }

  Result<std::int64_t> count_stale_windows() override {
    std::int64_t count = 0;
    auto asked = connection_->query(count_windows, {}, [&](const Row& row) { count = row.integer(0); });
    if (!asked) return asked.failure();
    return count;
  }

  Result<void> set_aside(const SetAside& window) override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    const Value key[] = {cell(window.window.device), cell(window.window.from)};
    // Held, it is not being erased; one that was erased has no state.
    bool was_heard = false;
    bool is_stale = false;
    auto done =
        connection_->read(states, {key, 1}, Connection::Hold::yes, [&](std::size_t, const Row&) { was_heard = true; });
    if (done) done = connection_->query(select_window, key, [&](const Row&) { is_stale = true; });
    if (!done || !was_heard || !is_stale) return done;
    const Value row[] = {key[0],
                         key[1],
                         cell(std::int64_t{1}),
                         cell(window.failures),
                         cell(window.retry_at),
                         std::string_view(window.reason)};
    done = connection_->put(set_aside_windows, row);
    return done ? transaction->commit() : done;
  }

  Result<std::vector<SetAside>> windows_set_aside(std::size_t limit) override {
    const Value value = limit_cell(limit);
    return all<SetAside>(*connection_, select_set_aside, {&value, 1}, [](const Row& row) {
      return SetAside{.window = {DeviceNumber{row.integer(0)}, device_time(row.integer(1))},
                      .failures = row.integer(2),
                      .retry_at = server_time(row.integer(3)),
                      .reason = std::string(row.bytes(4))};
    });
  }

  Result<std::int64_t> count_failures(const StaleWindow& window) override {
    std::int64_t failures = 0;
    const Value key[] = {cell(window.device), cell(window.from)};
    auto asked = connection_->query(select_failures, key, [&](const Row& row) { failures = row.integer(0); });
    if (!asked) return asked.failure();
    return failures;
  }

  Result<std::int64_t> count_set_aside() override {
    std::int64_t count = 0;
    auto asked = connection_->query(count_waiting, {}, [&](const Row& row) { count = row.integer(0); });
    if (!asked) return asked.failure();
    return count;
  }

  Result<void> retry_set_aside(ServerTime now) override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    const Value value = cell(now);
    auto done = done_or_error(connection_->execute_many(end_waiting, {&value, 1}));
    return done ? transaction->commit() : done;
  }

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
    std::optional<DeviceNumber> next;
    const Value value = cell(after);
    auto asked = connection_->query(select_next_heard, {&value, 1},
                                    [&](const Row& row) { next = DeviceNumber{row.integer(0)}; });
    if (!asked) return asked.failure();
    return next;
  }

  /// In the order in which ingest marks, so that neither waits for the other for ever.
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
      // Held, it is not being erased; one that was erased has no state.
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
    return std::make_unique<SqlAnalysisSnapshot>(*connection_);
  }

  Result<std::optional<AnalysisVersion>> put_places(DeviceNumber device, AnalysisVersion version,
                                                    const RowChanges<PlaceCell>& changes) override {
    auto transaction = Transaction::begin(*connection_);
    if (!transaction) return transaction.failure();
    const Value fresh[] = {cell(device), cell(std::int64_t{0})};  // only a row that is there can be held
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
    bool any_failed = false;
    const Value key = cell(device);
    if (done) done = connection_->query(select_any_set_aside, {&key, 1}, [&](const Row&) { any_failed = true; });
    if (done && any_failed) done = done_or_error(connection_->execute_many(delete_set_aside, windows));
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
    return fail(Errc::conflict, "somebody else analyses by other constants: give all the same section [analysis]");
  }

  /// Holds the versions of some devices, in the order of their numbers; says whether they are those that were read.
  Result<bool> hold(std::span<const std::pair<DeviceNumber, AnalysisVersion>> versions) {
    std::vector<Value> keys;
    for (const auto& [device, version] : versions) keys.push_back(cell(device));
    std::size_t current = 0;
    auto held = connection_->read(analyses, keys, Connection::Hold::yes, [&](std::size_t place, const Row& row) {
      if (row.integer(1) == versions[place].second) ++current;
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
  std::uint64_t snapshot_taken_in_ =
      0;  // the session of the last snapshot: a database that came back may have lost what it had
};

}  // namespace

std::unique_ptr<AnalysisStore> make_sql_analysis_store(std::unique_ptr<Connection> connection) {
  return std::make_unique<SqlAnalysisStore>(std::move(connection));
}

}  // namespace packwalk::sql
