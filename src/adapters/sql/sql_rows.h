// Between values of the core and cells of the database.
#pragma once

#include <algorithm>
#include <bit>
#include <limits>

#include "adapters/sql/connection.h"
#include "adapters/sql/impossible_row.h"
#include "ports/archive.h"
#include "ports/query_store.h"

namespace packwalk::sql {

inline Value cell(DeviceNumber number) { return number.value; }
inline Value cell(DeviceTime time) { return seconds_since_1970(time); }
inline Value cell(ServerTime time) { return microseconds_since_1970(time); }
inline Value cell(std::int64_t number) { return number; }
inline Value cell(std::uint8_t number) { return std::int64_t{number}; }
inline Value cell(double number) { return number; }
inline Value cell(MaybeMeters meters) { return meters.known() ? Value(meters.value_or(0)) : Value(); }
/// A limit; the greatest number for none.
inline Value limit_cell(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}
/// SQL has no unsigned numbers: the same 64 bits.
inline Value hash_cell(ContentHash hash) { return std::bit_cast<std::int64_t>(hash); }
inline ContentHash hash_from(std::int64_t cell) { return std::bit_cast<ContentHash>(cell); }

inline MaybeMeters meters_at(const Row& row, int column) {
  return row.is_null(column) ? MaybeMeters() : MaybeMeters(row.real(column));
}
inline DeviceTime device_time_at(const Row& row, int column, const char* name = "its timestamp") {
  constexpr std::int64_t seconds_max = std::numeric_limits<std::int32_t>::max();
  return device_time(whole_at(row, column, -seconds_max - 1, seconds_max, name));
}
inline ServerTime server_time_at(const Row& row, int column, const char* name = "received_at") {
  constexpr auto any = std::numeric_limits<std::int64_t>::max();
  return server_time(whole_at(row, column, -any - 1, any, name));
}

// What follows throws ImpossibleRow.

/// Columns latitude, longitude.
inline LatLon position_at(const Row& row, int column) {
  const auto position =
      LatLon::from_degrees(finite_at(row, column, "its latitude"), finite_at(row, column + 1, "its longitude"));
  if (!position) {
    throw ImpossibleRow("its position is not on earth: " + std::to_string(row.real(column)) + ", " +
                        std::to_string(row.real(column + 1)));
  }
  return *position;
}

inline Activity activity_at(const Row& row, int column) {
  const auto activity = activity_from_number(static_cast<double>(byte_at(row, column, "its activity")));
  if (!activity) throw ImpossibleRow("its activity is " + std::to_string(row.integer(column)));
  return *activity;
}

/// Columns lat, lon, altitude, accuracy, timestamp, received_at, status from `column` on.
inline Fix fix_at(const Row& row, int column) {
  return Fix{.position = position_at(row, column),
             .altitude = meters_at(row, column + 2),
             .accuracy = meters_at(row, column + 3),
             .timestamp = device_time_at(row, column + 4),
             .received_at = server_time_at(row, column + 5),
             .status = byte_at(row, column + 6, "its status")};
}

/// Columns timestamp, received_at, steps, activity, status.
inline Sample sample_at(const Row& row) {
  constexpr auto steps_max = std::numeric_limits<std::int32_t>::max();
  return {.timestamp = device_time_at(row, 0),
          .received_at = server_time_at(row, 1),
          .steps = static_cast<std::int32_t>(whole_at(row, 2, 0, steps_max, "its number of steps")),
          .activity = activity_at(row, 3),
          .status = byte_at(row, 4, "its status")};
}

/// Columns of `state_columns` from `column` on.
inline CurrentState state_at(const Row& row, DeviceNumber device, int column) {
  CurrentState state{.device = device};
  if (!row.is_null(column) || !row.is_null(column + 4)) state.last_fix = fix_at(row, column);
  if (!row.is_null(column + 7) || !row.is_null(column + 8)) {
    const std::int64_t family = whole_at(row, column + 9, 1, static_cast<std::int64_t>(families.size()), "its family");
    state.status = StatusReading{.status = byte_at(row, column + 7, "its status"),
                                 .timestamp = device_time_at(row, column + 8, "the time of its status"),
                                 .family = static_cast<Family>(family)};
  }
  if (!row.is_null(column + 10)) state.last_seen = server_time(row.integer(column + 10));
  state.counts = {.fixes = count_at(row, column + 11, "its number of fixes"),
                  .samples = count_at(row, column + 12, "its number of samples"),
                  .duplicates = count_at(row, column + 13, "its number of duplicates"),
                  .conflicts = count_at(row, column + 14, "its number of conflicts"),
                  .invalid = count_at(row, column + 15, "its number of invalid messages")};
  return state;
}

// clang-format off
#define PACKWALK_MESSAGE_COLUMNS "received_at, ordinal, transport, verdict, reason, hash, content"
#define PACKWALK_MESSAGES_AFTER(columns) \
  "SELECT " columns " FROM messages " \
  "WHERE device = $1 AND received_at >= $2 AND (received_at, ordinal) > ($2, $3) " \
  "ORDER BY received_at, ordinal LIMIT $4"
// clang-format on

/// Messages of a device after a cursor in the order of arrival; columns of message_at().
inline constexpr const char* select_messages = PACKWALK_MESSAGES_AFTER(PACKWALK_MESSAGE_COLUMNS);
inline constexpr const char* select_message_sizes = PACKWALK_MESSAGES_AFTER("length(content)");

/// The raw row: its transport and verdict may be unknown values, which copies and checks must preserve.
inline StoredMessage message_as_it_stands(const Row& row) {
  return {.received_at = server_time(row.integer(0)),
          .ordinal = static_cast<std::uint32_t>(row.integer(1)),
          .transport = static_cast<Transport>(row.integer(2)),
          .verdict = static_cast<Verdict>(row.integer(3)),
          .reason = std::string(row.bytes(4)),
          .hash = hash_from(row.integer(5)),
          .content = std::string(row.bytes(6))};
}

inline StoredMessage message_at(const Row& row) {
  static_cast<void>(server_time_at(row, 0));
  static_cast<void>(whole_at(row, 1, 0, std::numeric_limits<std::int32_t>::max(), "its ordinal"));
  if (name_of(static_cast<Transport>(byte_at(row, 2, "its transport"))).empty()) {
    throw ImpossibleRow("its transport is " + std::to_string(row.integer(2)));
  }
  static_cast<void>(whole_at(row, 3, 0, verdict_count - 1, "its verdict"));
  if (row.is_null(6)) throw ImpossibleRow("its content is missing");
  return message_as_it_stands(row);
}

/// The columns of original_at().
// clang-format off
#define PACKWALK_ORIGINAL_COLUMNS "received_at, ordinal, transport, verdict, reason, hash, content, device"
// clang-format on

inline Original original_at(const Row& row) { return {DeviceNumber{row.integer(7)}, message_as_it_stands(row)}; }

inline Value cell_of_start(Day day) { return cell(std::chrono::time_point_cast<std::chrono::microseconds>(day)); }

// clang-format off
#define PACKWALK_STATE_COLUMNS \
  "lat, lon, altitude, accuracy, fix_timestamp, fix_received_at, fix_status, status, status_timestamp, " \
  "status_family, last_seen, fixes, samples, duplicates, conflicts, invalid"
// clang-format on

inline constexpr const char* select_state = "SELECT " PACKWALK_STATE_COLUMNS " FROM states WHERE device = $1";
/// The last revision of the registry.
inline constexpr const char* select_revision = "SELECT COALESCE(MAX(revision), 0) FROM devices";

}  // namespace packwalk::sql
