#include "adapters/sql/sql_analysis_snapshot.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "adapters/sql/derived_rows.h"
#include "adapters/sql/stale_windows.h"
#include "adapters/sql/state_bytes.h"
#include "adapters/sql/tables.h"

namespace packwalk::sql {
namespace {

constexpr const char* select_oldest_windows =
    "SELECT window_start FROM stale_windows w WHERE device = $1 AND " PACKWALK_NOT_SET_ASIDE
    "ORDER BY window_start LIMIT $2";
constexpr const char* select_newest_windows =
    "SELECT window_start FROM stale_windows w WHERE device = $1 AND " PACKWALK_NOT_SET_ASIDE
    "ORDER BY window_start DESC LIMIT $2";
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
    "SELECT to_time, state FROM track_states "
    "WHERE device = $1 AND to_time >= $2 AND to_time <= $3 ORDER BY to_time LIMIT $4";
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

PathFix path_fix_at(const Row& row) { return {position_at(row, 0), meters_at(row, 2), device_time_at(row, 3)}; }

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
      return StaleWindow{device, device_time_at(row, 0, "its first second")};
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
    std::vector<TrackState> states;
    // States of another form are left out. If they fill a page, it has less than `limit` although more follow.
    for (std::size_t rows = limit; rows == limit && states.size() < limit;) {
      rows = 0;
      const Value values[] = {cell(device), cell(range.from), cell(range.to), limit_cell(limit)};
      auto asked = connection_.query(select_track_states, values, [&](const Row& row) {
        ++rows;
        range.from = row.integer(0) + 1;
        if (const auto state = state_from<TrackState>(row.bytes(1))) states.push_back(*state);
      });
      if (!asked) return asked.failure();
    }
    if (states.size() > limit) states.resize(limit);
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

}  // namespace

std::unique_ptr<AnalysisSnapshot> make_sql_analysis_snapshot(Connection& connection) {
  return std::make_unique<SqlAnalysisSnapshot>(connection);
}

}  // namespace packwalk::sql
