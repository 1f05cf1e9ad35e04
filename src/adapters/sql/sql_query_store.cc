#include "adapters/sql/sql_query_store.h"

#include <utility>

#include "adapters/sql/derived_rows.h"

namespace packwalk::sql {
namespace {

// clang-format off
#define PACKWALK_FIXES \
  "SELECT lat, lon, altitude, accuracy, timestamp, received_at, status FROM fixes " \
  "WHERE device = $1 AND timestamp >= $2 AND timestamp < $3 "
// clang-format on
constexpr const char* select_fixes = PACKWALK_FIXES "ORDER BY timestamp LIMIT $4";
constexpr const char* select_last_fixes = PACKWALK_FIXES "ORDER BY timestamp DESC LIMIT $4";
constexpr const char* select_samples =
    "SELECT timestamp, received_at, steps, activity, status FROM samples "
    "WHERE device = $1 AND timestamp >= $2 AND timestamp < $3 ORDER BY timestamp LIMIT $4";
constexpr const char* select_positions =
    "SELECT lat, lon, altitude, accuracy, fix_timestamp, fix_received_at, fix_status, device FROM states "
    "WHERE fix_timestamp IS NOT NULL ORDER BY device";

// Of what began lately no more than the page; what began long ago is rare.
// clang-format off
#define PACKWALK_PAGE_OF_LATELY(name, device, behind, order) \
  "SELECT * FROM (SELECT " PACKWALK_JOINT_WALK_COLUMNS " FROM joint_walks WHERE " device " = $1 " \
  "AND " PACKWALK_BEGUN_LATELY "AND from_time " behind "= $4 AND (from_time, device_a, device_b) " behind \
  " ($4, $5, $6) ORDER BY " order " LIMIT $7) AS " name " "
#define PACKWALK_ALL_OF_LONG_AGO(device, behind) \
  "SELECT " PACKWALK_JOINT_WALK_COLUMNS " FROM joint_walks WHERE " device " = $1 AND " PACKWALK_BEGUN_LONG_AGO \
  "AND (from_time + 0, device_a, device_b) " behind " ($4, $5, $6) "
#define PACKWALK_JOINT_WALKS(behind, order) \
  PACKWALK_PAGE_OF_LATELY("lately_a", "device_a", behind, order) "UNION ALL " \
  PACKWALK_PAGE_OF_LATELY("lately_b", "device_b", behind, order) "UNION ALL " \
  PACKWALK_ALL_OF_LONG_AGO("device_a", behind) "UNION ALL " \
  PACKWALK_ALL_OF_LONG_AGO("device_b", behind) "ORDER BY " order " LIMIT $7"
constexpr const char* select_first_joint_walks = PACKWALK_JOINT_WALKS(">", "from_time, device_a, device_b");
constexpr const char* select_last_joint_walks =
    PACKWALK_JOINT_WALKS("<", "from_time DESC, device_a DESC, device_b DESC");
#define PACKWALK_TOGETHER(device, other, when) \
  "SELECT " other " AS other, seconds_together, from_time, to_time FROM joint_walks WHERE " device " = $1 AND " when
constexpr const char* select_companions =
    "SELECT other, walks, seconds, first, last FROM ("
    "SELECT other, count(*) AS walks, CAST(sum(seconds_together) AS bigint) AS seconds, min(from_time) AS first, "
    "max(to_time) AS last FROM ("
    PACKWALK_TOGETHER("device_a", "device_b", PACKWALK_BEGUN_LATELY) "UNION ALL "
    PACKWALK_TOGETHER("device_a", "device_b", PACKWALK_BEGUN_LONG_AGO) "UNION ALL "
    PACKWALK_TOGETHER("device_b", "device_a", PACKWALK_BEGUN_LATELY) "UNION ALL "
    PACKWALK_TOGETHER("device_b", "device_a", PACKWALK_BEGUN_LONG_AGO) ") AS together GROUP BY other) AS companions "
    "WHERE seconds < $4 OR (seconds = $4 AND other > $5) ORDER BY seconds DESC, other LIMIT $6";
// clang-format on
// Joint walks of one pair do not overlap: as with tracks.
// clang-format off
#define PACKWALK_JOINT_WALKS_OF_PAIR(behind, order) \
  "SELECT " PACKWALK_JOINT_WALK_COLUMNS \
  " FROM joint_walks WHERE device_a = $1 AND device_b = $2 AND from_time >= coalesce((SELECT max(from_time) " \
  "FROM joint_walks WHERE device_a = $1 AND device_b = $2 AND from_time <= $3), $3) " \
  "AND from_time <= $4 AND to_time >= $3 AND from_time " behind " $5 ORDER BY " order " LIMIT $6"
// clang-format on
constexpr const char* select_joint_walks_of_pair = PACKWALK_JOINT_WALKS_OF_PAIR(">", "from_time");
constexpr const char* select_last_joint_walks_of_pair = PACKWALK_JOINT_WALKS_OF_PAIR("<", "from_time DESC");
// The range of the prefix has two ends, so that the index is used for it and for the page.
// clang-format off
#define PACKWALK_DEVICES(collation) \
  "SELECT d.number, d.id, d.created_at, d.removed_at, s.last_seen FROM devices d " \
  "LEFT JOIN states s ON s.device = d.number WHERE d.id" collation " >= $1 AND d.id" collation " < $2 " \
  "AND d.id" collation " > $3 AND d.number NOT IN (SELECT device FROM erased_devices) " \
  "ORDER BY d.id" collation " LIMIT $4"
// clang-format on
constexpr const char* select_devices = PACKWALK_DEVICES("");
constexpr const char* select_devices_by_bytes = PACKWALK_DEVICES(" COLLATE \"C\"");

/// All characters of ids come before it.
constexpr char after_all_of_ids = '~';

ListedDevice listed_device_at(const Row& row) {
  auto id = DeviceId::from_text(row.bytes(1));
  if (!id) throw ImpossibleRow("its id is not valid");
  ListedDevice listed{{DeviceNumber{row.integer(0)}, *std::move(id), server_time_at(row, 2), std::nullopt}, {}};
  if (!row.is_null(3)) listed.device.removed_at = server_time(row.integer(3));
  if (!row.is_null(4)) listed.last_seen = server_time(row.integer(4));
  return listed;
}

/// Statements have both ends of a range.
Value first_of(TimeRange range) { return cell(range.from); }
Value last_of(TimeRange range) { return cell(range.until - std::chrono::seconds(1)); }

class SqlQueryStore final : public QueryStore {
 public:
  SqlQueryStore(ConnectReader connect, TextOrder text_order)
      : readers_(std::move(connect)),
        select_devices_(text_order == TextOrder::of_bytes ? select_devices : select_devices_by_bytes) {}

  Result<std::vector<ListedDevice>> devices(std::string_view prefix, std::string_view after,
                                            std::size_t limit) override {
    const std::string end = std::string(prefix) + after_all_of_ids;
    const Value values[] = {prefix, std::string_view(end), after, limit_cell(limit)};
    return read<ListedDevice>(select_devices_, values, listed_device_at);
  }

  Result<std::vector<Fix>> fixes(DeviceNumber device, TimeRange range, Paging page) override {
    const char* const statement = page.is_backwards() ? select_last_fixes : select_fixes;
    return in_range<Fix>(statement, device, range, page.limit, [](const Row& row) { return fix_at(row, 0); });
  }

  Result<std::vector<Sample>> samples(DeviceNumber device, TimeRange range, std::size_t limit) override {
    return in_range<Sample>(select_samples, device, range, limit, sample_at);
  }

  Result<std::vector<Track>> tracks(DeviceNumber device, TimeRange range, Paging page) override {
    if (range.empty()) return std::vector<Track>();
    const Value values[] = {cell(device), first_of(range), last_of(range), limit_cell(page.limit)};
    return read<Track>(page.is_backwards() ? select_last_tracks : select_tracks, values, track_at);
  }

  Result<std::vector<ActivitySum>> activity(DeviceNumber device, TimeRange range) override {
    const Value values[] = {cell(device), first_of(range), last_of(range)};
    return read<ActivitySum>(select_activity, values, activity_sum_at);
  }

  Result<std::vector<OfPair<JointWalk>>> joint_walks(DeviceNumber device, TimeRange range, const WalkCursor& after,
                                                     Paging page) override {
    if (range.empty()) return std::vector<OfPair<JointWalk>>();
    const Value values[] = {cell(device),  first_of(range), last_of(range),        cell(after.from),
                            cell(after.a), cell(after.b),   limit_cell(page.limit)};
    return read<OfPair<JointWalk>>(page.is_backwards() ? select_last_joint_walks : select_first_joint_walks, values,
                                   joint_walk_at);
  }

  Result<std::vector<OfPair<JointWalk>>> joint_walks_of_pair(DeviceNumber a, DeviceNumber b, TimeRange range,
                                                             const WalkCursor& after, Paging page) override {
    if (range.empty()) return std::vector<OfPair<JointWalk>>();
    const Value values[] = {cell(a),        cell(b),          first_of(range),
                            last_of(range), cell(after.from), limit_cell(page.limit)};
    return read<OfPair<JointWalk>>(page.is_backwards() ? select_last_joint_walks_of_pair : select_joint_walks_of_pair,
                                   values, joint_walk_at);
  }

  Result<std::vector<Companion>> companions(DeviceNumber device, TimeRange range, const CompanionCursor& after,
                                            std::size_t limit) override {
    if (range.empty()) return std::vector<Companion>();
    const Value values[] = {cell(device),       first_of(range),  last_of(range), cell(after.seconds_together),
                            cell(after.device), limit_cell(limit)};
    return read<Companion>(select_companions, values, [](const Row& row) {
      return Companion{DeviceNumber{row.integer(0)}, row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
    });
  }

  Result<CurrentState> state(DeviceNumber device) override {
    CurrentState state{.device = device};
    const Value key = cell(device);
    auto asked = readers_.query(select_state, {&key, 1}, [&](const Row& row) { state = state_at(row, device, 0); });
    if (!asked) return asked.failure();
    return state;
  }

  Result<void> each_position(const std::function<void(const DevicePosition&)>& take) override {
    std::string impossible;
    auto asked = readers_.query(select_positions, {}, [&](const Row& row) {
      try {
        take(DevicePosition{DeviceNumber{row.integer(7)}, fix_at(row, 0)});
      } catch (const ImpossibleRow& why) {  // the others are still passed on
        if (impossible.empty()) impossible = "device " + std::to_string(row.integer(7)) + ": " + why.what();
      }
    });
    if (asked && !impossible.empty()) {
      return fail(Errc::corrupt,
                  "the last position of some devices is impossible: " + impossible + ". `packwalk check` lists all");
    }
    return asked;
  }

 private:
  template <class Thing, class FromRow>
  Result<std::vector<Thing>> in_range(const char* statement, DeviceNumber device, TimeRange range, std::size_t limit,
                                      FromRow from_row) {
    const Value values[] = {cell(device), cell(range.from), cell(range.until), limit_cell(limit)};
    return read<Thing>(statement, values, from_row);
  }

  template <class Thing, class FromRow>
  Result<std::vector<Thing>> read(const char* statement, std::span<const Value> values, FromRow from_row) {
    std::vector<Thing> things;
    auto asked = readers_.query(statement, values, [&](const Row& row) { things.push_back(from_row(row)); });
    if (!asked) return asked.failure();
    return things;
  }

  ReaderPool readers_;
  const char* const select_devices_;
};

}  // namespace

std::unique_ptr<QueryStore> make_sql_query_store(ConnectReader connect, TextOrder text_order) {
  return std::make_unique<SqlQueryStore>(std::move(connect), text_order);
}

}  // namespace packwalk::sql
