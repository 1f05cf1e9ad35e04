// The tables that ingest writes, the same in every database. Their meaning is told in schema/.
#pragma once

#include "adapters/sql/table.h"

namespace packwalk::sql {

inline constexpr Column fix_columns[] = {
    {"device", Type::int64}, {"timestamp", Type::int32},   {"lat", Type::real},
    {"lon", Type::real},     {"altitude", Type::real},     {"accuracy", Type::real},
    {"status", Type::int16}, {"received_at", Type::int64}, {"hash", Type::int64}};
inline constexpr Table fixes = {"fixes", fix_columns, 2};

inline constexpr Column sample_columns[] = {
    {"device", Type::int64}, {"timestamp", Type::int32},   {"activity", Type::int16}, {"steps", Type::int32},
    {"status", Type::int16}, {"received_at", Type::int64}, {"hash", Type::int64}};
inline constexpr Table samples = {"samples", sample_columns, 2};

/// What stands under a key.
inline constexpr Column standing_columns[] = {
    {"device", Type::int64}, {"timestamp", Type::int32}, {"hash", Type::int64}};
inline constexpr Table standing_fixes = {"fixes", standing_columns, 2};
inline constexpr Table standing_samples = {"samples", standing_columns, 2};

inline constexpr Column message_columns[] = {
    {"device", Type::int64},  {"received_at", Type::int64}, {"ordinal", Type::int32}, {"transport", Type::int16},
    {"verdict", Type::int16}, {"reason", Type::text},       {"hash", Type::int64},    {"content", Type::blob}};
inline constexpr Table messages = {"messages", message_columns, 3, true};

inline constexpr Column original_columns[] = {
    {"device", Type::int64}, {"received_at", Type::int64}, {"ordinal", Type::int32}, {"content", Type::blob}};
inline constexpr Table originals = {"messages", original_columns, 3};

inline constexpr Column state_columns[] = {{"device", Type::int64},
                                           {"lat", Type::real},
                                           {"lon", Type::real},
                                           {"altitude", Type::real},
                                           {"accuracy", Type::real},
                                           {"fix_timestamp", Type::int32},
                                           {"fix_received_at", Type::int64},
                                           {"fix_status", Type::int16},
                                           {"status", Type::int16},
                                           {"status_timestamp", Type::int32},
                                           {"status_family", Type::int16},
                                           {"last_seen", Type::int64},
                                           {"fixes", Type::int64},
                                           {"samples", Type::int64},
                                           {"duplicates", Type::int64},
                                           {"conflicts", Type::int64},
                                           {"invalid", Type::int64}};
inline constexpr Table states = {"states", state_columns, 1};

inline constexpr Column status_outbox_columns[] = {{"device", Type::int64},
                                                   {"timestamp", Type::int32},
                                                   {"from_status", Type::int16},
                                                   {"to_status", Type::int16},
                                                   {"received_at", Type::int64}};
inline constexpr Table status_outbox = {"status_outbox", status_outbox_columns, 4};

inline constexpr Column stale_columns[] = {{"device", Type::int64}, {"window_start", Type::int32}};
inline constexpr Table stale_windows = {"stale_windows", stale_columns, 2};

}  // namespace packwalk::sql
