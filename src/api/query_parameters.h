// The parameters of questions, read once, at the edge.
#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/answers.h"
#include "core/geo/lat_lon.h"
#include "core/packet/stored_message.h"
#include "http/exchange.h"
#include "ports/query_store.h"

namespace packwalk {

inline constexpr std::size_t limit_default = 1000;
inline constexpr std::size_t limit_max = 10'000;

/// Errc::invalid_input with the name of a parameter that is not among `known`.
Result<void> only_parameters(const Request& request, std::span<const std::string_view> known);

/// Device times are whole 32-bit seconds, so these lie before and after all of them.
inline constexpr DeviceTime before_all = device_time(std::numeric_limits<std::int32_t>::min());
inline constexpr DeviceTime after_all = device_time(std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1);

/// A time in a query, as base/time_text reads it: a `+` before its zone need not be escaped.
std::optional<DeviceTime> time_from_query(std::string_view text);
inline constexpr std::string_view from_after_to = "from is after to: give the earlier time as from";

/// Each answers Errc::invalid_input with a sentence that names the parameter.
Result<GeoBox> box_parameter(const Request& request);  // bbox; the whole world where it is missing
Result<std::optional<std::chrono::seconds>> max_age_parameter(const Request& request);
Result<std::size_t> limit_parameter(const Request& request, std::size_t otherwise = limit_default);
Result<TimeRange> range_parameters(const Request& request);  // from, to: Errc::invalid_input for from > to
Result<std::optional<Verdict>> verdict_parameter(const Request& request);
Result<std::optional<std::int64_t>> number_cursor(const Request& request);
Result<MessageCursor> message_cursor(const Request& request);
Result<WalkCursor> walk_cursor(const Request& request);
Result<CompanionCursor> companion_cursor(const Request& request);
std::string cursor_of(const MessageCursor& place);
std::string cursor_of(const WalkCursor& place);
std::string cursor_of(const CompanionCursor& place);
Result<std::optional<double>> tolerance_parameter(const Request& request);  // metres

/// By `format=` or Accept. `with_gpx`: where a track makes sense.
Result<AnswerForm> form_parameter(const Request& request, bool with_gpx);

/// `Link: <..>; rel="next"`: the same question with the cursor.
std::string next_link(const Request& request, std::string_view cursor);

}  // namespace packwalk
