// Maps the rows of analysis to the database: columns, readers, and the search for rows with a second of a range.
#pragma once

#include "adapters/sql/sql_rows.h"
#include "ports/analysis_store.h"

namespace packwalk::sql {

// clang-format off
#define PACKWALK_TRACKS \
  "SELECT from_time, to_time, fixes, length_m, moving_s, west, south, east, north FROM tracks " \
  "WHERE device = $1 AND from_time >= coalesce((SELECT max(from_time) FROM tracks WHERE device = $1 AND " \
  "from_time <= $2), $2) AND from_time <= $3 AND to_time >= $2 "
// clang-format on

/// Tracks of $1 with a second of $2 .. $3. A device's tracks do not overlap: the last one that began before the range
/// is the only one of these that can reach into it.
inline constexpr const char* select_tracks = PACKWALK_TRACKS "ORDER BY from_time LIMIT $4";
inline constexpr const char* select_last_tracks = PACKWALK_TRACKS "ORDER BY from_time DESC LIMIT $4";

inline GeoBox box_at(const Row& row, int column) {
  const auto box =
      GeoBox::from_degrees(row.real(column), row.real(column + 1), row.real(column + 2), row.real(column + 3));
  if (!box) throw ImpossibleRow("its box is not on earth: " + box.error().detail);
  return *box;
}

inline Track track_at(const Row& row) {
  return {.from = device_time_at(row, 0, "its first second"),
          .to = device_time_at(row, 1, "its last second"),
          .fixes = count_at(row, 2, "its number of fixes"),
          .length_m = finite_at(row, 3, "its length"),
          .moving = std::chrono::seconds(count_at(row, 4, "its time of moving")),
          .box = box_at(row, 5)};
}

/// Of buckets that begin in $2 .. $3.
inline constexpr const char* select_activity =
    "SELECT bucket, activity, in_track, seconds, steps FROM activity "
    "WHERE device = $1 AND bucket >= $2 AND bucket <= $3 ORDER BY bucket, activity, in_track";

inline ActivitySum activity_sum_at(const Row& row) {
  return {.key = {device_time_at(row, 0, "its bucket"), activity_at(row, 1), row.integer(2) != 0},
          .seconds = count_at(row, 3, "its number of seconds"),
          .steps = count_at(row, 4, "its number of steps")};
}

// clang-format off
/// What has a second of $2 .. $3 begins in it or less than a day before, or lasts a day or longer; each way has an
/// index, and `+ 0` keeps SQLite to that of the second. An order of the columns of another index would lead it to that.
#define PACKWALK_BEGUN_LATELY "from_time > $2 - 86400 AND from_time <= $3 AND to_time >= $2 "
#define PACKWALK_BEGUN_LONG_AGO "to_time >= $2 AND to_time - from_time >= 86400 AND from_time + 0 <= $2 - 86400 "

/// The columns of joint_walk_at().
#define PACKWALK_JOINT_WALK_COLUMNS \
  "device_a, device_b, from_time, to_time, near_seconds, seconds_together, contacts, min_distance_m, mean_m, length_a_m, " \
  "length_b_m, from_lat, from_lon, to_lat, to_lon"
// clang-format on

/// The first and the last second of a contact or a joint walk, from `column` on.
inline Seconds seconds_at(const Row& row, int column) {
  const Seconds seconds{seconds_since_1970(device_time_at(row, column, "its first second")),
                        seconds_since_1970(device_time_at(row, column + 1, "its last second"))};
  if (seconds.from > seconds.to) throw ImpossibleRow("it ends before it begins");
  return seconds;
}

inline OfPair<JointWalk> joint_walk_at(const Row& row) {
  const Seconds seconds = seconds_at(row, 2);
  return {DeviceNumber{row.integer(0)}, DeviceNumber{row.integer(1)},
          JointWalk{.from = seconds.from,
                    .to = seconds.to,
                    .seconds_together = count_at(row, 5, "its number of seconds together"),
                    .near_seconds = count_at(row, 4, "its number of near seconds"),
                    .contacts = count_at(row, 6, "its number of contacts"),
                    .min_distance_m = finite_at(row, 7, "its least distance"),
                    .mean_distance_m = finite_at(row, 8, "its mean distance"),
                    .length_a_m = finite_at(row, 9, "the length of its first device"),
                    .length_b_m = finite_at(row, 10, "the length of its second device"),
                    .start_position = position_at(row, 11),
                    .end_position = position_at(row, 13)}};
}

inline OfPair<Contact> contact_at(const Row& row) {
  const Seconds seconds = seconds_at(row, 2);
  return {
      DeviceNumber{row.integer(0)}, DeviceNumber{row.integer(1)},
      Contact{.from = seconds.from, .to = seconds.to, .near_seconds = count_at(row, 4, "its number of near seconds")}};
}

/// All that a statement finds.
template <class Thing, class FromRow>
Result<std::vector<Thing>> all(Connection& connection, const char* statement, std::span<const Value> values,
                               FromRow from_row) {
  std::vector<Thing> things;
  auto asked = connection.query(statement, values, [&](const Row& row) { things.push_back(from_row(row)); });
  if (!asked) return asked.failure();
  return things;
}

}  // namespace packwalk::sql
