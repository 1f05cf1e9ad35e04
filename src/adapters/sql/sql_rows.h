// Between values of the core and cells of the database.
#pragma once

#include <algorithm>
#include <bit>
#include <limits>

#include "adapters/sql/connection.h"
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

/// Columns lat, lon, altitude, accuracy, timestamp, received_at, status from `column` on.
inline Fix fix_at(const Row& row, int column) {
  return Fix{.position = LatLon::from_degrees(row.real(column), row.real(column + 1)).value(),
             .altitude = meters_at(row, column + 2),
             .accuracy = meters_at(row, column + 3),
             .timestamp = device_time(row.integer(column + 4)),
             .received_at = server_time(row.integer(column + 5)),
             .status = static_cast<std::uint8_t>(row.integer(column + 6))};
}

/// Columns timestamp, received_at, steps, activity, status.
inline Sample sample_at(const Row& row) {
  return {.timestamp = device_time(row.integer(0)),
          .received_at = server_time(row.integer(1)),
          .steps = static_cast<std::int32_t>(row.integer(2)),
          .activity = static_cast<Activity>(row.integer(3)),
          .status = static_cast<std::uint8_t>(row.integer(4))};
}

/// Columns of `state_columns` from `column` on.
inline CurrentState state_at(const Row& row, DeviceNumber device, int column) {
  CurrentState state{.device = device};
  if (!row.is_null(column)) state.last_fix = fix_at(row, column);
  if (!row.is_null(column + 7)) {
    state.status = StatusReading{.status = static_cast<std::uint8_t>(row.integer(column + 7)),
                                 .timestamp = device_time(row.integer(column + 8)),
                                 .family = static_cast<Family>(row.integer(column + 9))};
  }
  if (!row.is_null(column + 10)) state.last_seen = server_time(row.integer(column + 10));
  state.counts = {.fixes = row.integer(column + 11),
                  .samples = row.integer(column + 12),
                  .duplicates = row.integer(column + 13),
                  .conflicts = row.integer(column + 14),
                  .invalid = row.integer(column + 15)};
  return state;
}

// clang-format off
#define PACKWALK_MESSAGE_COLUMNS "received_at, ordinal, transport, verdict, reason, hash, content"
#define PACKWALK_MESSAGES_AFTER(columns) \
  "SELECT " columns " FROM messages " \
  "WHERE device = $1 AND received_at >= $2 AND (received_at, ordinal) > ($2, $3) " \
  "ORDER BY received_at, ordinal LIMIT $4"
// clang-format on

/// Messages of a device after a place in the order of arrival; columns of message_at().
inline constexpr const char* select_messages = PACKWALK_MESSAGES_AFTER(PACKWALK_MESSAGE_COLUMNS);
inline constexpr const char* select_message_sizes = PACKWALK_MESSAGES_AFTER("length(content)");

inline StoredMessage message_at(const Row& row) {
  return {.received_at = server_time(row.integer(0)),
          .ordinal = static_cast<std::uint32_t>(row.integer(1)),
          .transport = static_cast<Transport>(row.integer(2)),
          .verdict = static_cast<Verdict>(row.integer(3)),
          .reason = std::string(row.bytes(4)),
          .hash = hash_from(row.integer(5)),
          .content = std::string(row.bytes(6))};
}

/// The columns of original_at().
// clang-format off
#define PACKWALK_ORIGINAL_COLUMNS "received_at, ordinal, transport, verdict, reason, hash, content, device"
// clang-format on

inline Original original_at(const Row& row) { return {DeviceNumber{row.integer(7)}, message_at(row)}; }

inline Value cell_of_start(Day day) { return cell(std::chrono::time_point_cast<std::chrono::microseconds>(day)); }

// clang-format off
#define PACKWALK_STATE_COLUMNS \
  "lat, lon, altitude, accuracy, fix_timestamp, fix_received_at, fix_status, status, status_timestamp, " \
  "status_family, last_seen, fixes, samples, duplicates, conflicts, invalid"
// clang-format on

}  // namespace packwalk::sql
