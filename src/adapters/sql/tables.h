// The tables that ingest and analysis write, the same in every database. schema/ explains them.
#pragma once

#include "adapters/sql/table.h"

namespace packwalk::sql {

inline constexpr Column fix_columns[] = {
    {"device", Type::int64}, {"timestamp", Type::int32},   {"lat", Type::real},
    {"lon", Type::real},     {"altitude", Type::real},     {"accuracy", Type::real},
    {"status", Type::int16}, {"received_at", Type::int64}, {"hash", Type::int64}};
inline constexpr Table fixes = {"fixes", fix_columns, 2, true};

inline constexpr Column sample_columns[] = {
    {"device", Type::int64}, {"timestamp", Type::int32},   {"activity", Type::int16}, {"steps", Type::int32},
    {"status", Type::int16}, {"received_at", Type::int64}, {"hash", Type::int64}};
inline constexpr Table samples = {"samples", sample_columns, 2, true};

/// The columns of a key's standing.
inline constexpr Column standing_fix_columns[] = {
    {"device", Type::int64}, {"timestamp", Type::int32}, {"hash", Type::int64},    {"lat", Type::real},
    {"lon", Type::real},     {"altitude", Type::real},   {"accuracy", Type::real}, {"status", Type::int16}};
inline constexpr Table standing_fixes = {"fixes", standing_fix_columns, 2};
inline constexpr Column standing_sample_columns[] = {
    {"device", Type::int64}, {"timestamp", Type::int32}, {"hash", Type::int64}};
inline constexpr Table standing_samples = {"samples", standing_sample_columns, 2};

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

inline constexpr Column stale_columns[] = {{"device", Type::int64}, {"window_start", Type::int32}};
inline constexpr Table stale_windows = {"stale_windows", stale_columns, 2};

inline constexpr Column erased_columns[] = {{"device", Type::int64}, {"begun_at", Type::int64}};
inline constexpr Table erased_devices = {"erased_devices", erased_columns, 1};

inline constexpr Column analysis_columns[] = {{"device", Type::int64}, {"version", Type::int64}};
inline constexpr Table analyses = {"analyses", analysis_columns, 1};

inline constexpr Column rules_columns[] = {{"one", Type::int16}, {"rules", Type::text}, {"marked_until", Type::int64}};
inline constexpr Table analysis_rules = {"analysis_rules", rules_columns, 1};

inline constexpr Column track_columns[] = {
    {"device", Type::int64},  {"from_time", Type::int32}, {"to_time", Type::int32}, {"fixes", Type::int64},
    {"length_m", Type::real}, {"moving_s", Type::int64},  {"west", Type::real},     {"south", Type::real},
    {"east", Type::real},     {"north", Type::real}};
inline constexpr Table tracks = {"tracks", track_columns, 2};

inline constexpr Column activity_columns[] = {{"device", Type::int64},   {"bucket", Type::int32},
                                              {"activity", Type::int16}, {"in_track", Type::int16},
                                              {"seconds", Type::int64},  {"steps", Type::int64}};
inline constexpr Table activity = {"activity", activity_columns, 4};

inline constexpr Column place_columns[] = {{"slice", Type::int64}, {"cell", Type::int64}, {"device", Type::int64}};
inline constexpr Table place_cells = {"place_cells", place_columns, 3};
/// All devices of a cell.
inline constexpr Table devices_of_cells = {"place_cells", place_columns, 2};

inline constexpr Column track_state_columns[] = {
    {"device", Type::int64}, {"to_time", Type::int32}, {"state", Type::blob}};
inline constexpr Table track_states = {"track_states", track_state_columns, 2};

inline constexpr Column chain_state_columns[] = {
    {"device_a", Type::int64}, {"device_b", Type::int64}, {"to_time", Type::int32}, {"state", Type::blob}};
inline constexpr Table chain_states = {"chain_states", chain_state_columns, 3};

inline constexpr Column set_aside_columns[] = {{"device", Type::int64},   {"window_start", Type::int32},
                                               {"waits", Type::int16},    {"failures", Type::int64},
                                               {"retry_at", Type::int64}, {"reason", Type::text}};
inline constexpr Table set_aside_windows = {"set_aside_windows", set_aside_columns, 2};

inline constexpr Column contact_columns[] = {{"device_a", Type::int64},
                                             {"device_b", Type::int64},
                                             {"from_time", Type::int32},
                                             {"to_time", Type::int32},
                                             {"near_seconds", Type::int64}};
inline constexpr Table contacts = {"contacts", contact_columns, 3};

inline constexpr Column joint_walk_columns[] = {
    {"device_a", Type::int64},  {"device_b", Type::int64},      {"from_time", Type::int32},
    {"to_time", Type::int32},   {"near_seconds", Type::int64},  {"seconds_together", Type::int64},
    {"contacts", Type::int64},  {"min_distance_m", Type::real}, {"mean_m", Type::real},
    {"length_a_m", Type::real}, {"length_b_m", Type::real},     {"from_lat", Type::real},
    {"from_lon", Type::real},   {"to_lat", Type::real},         {"to_lon", Type::real}};
inline constexpr Table joint_walks = {"joint_walks", joint_walk_columns, 3};

}  // namespace packwalk::sql
