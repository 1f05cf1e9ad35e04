#include "api/activity_question.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "api/query_parameters.h"
#include "api/track_answers.h"
#include "app/questions/sum_activity.h"
#include "base/text.h"
#include "base/time_text.h"
#include "http/problem.h"

namespace packwalk {
namespace {

constexpr std::size_t periods_max = 1000;
constexpr std::size_t periods_default = 30;

struct AskedPeriods {
  std::string zone;
  PeriodKind kind{};
  std::vector<Period> periods;
};

Failure bad(std::string sentence) { return fail(Errc::invalid_input, std::move(sentence)); }

/// Seconds, ISO 8601, or a day of the zone, which is where it begins.
Result<std::optional<DeviceTime>> time_in(const CivilZone& zone, const Request& request, std::string_view name) {
  const auto text = query_value(request.query, name);
  if (!text) return std::optional<DeviceTime>();
  const auto day = day_from_text(*text);
  const auto time = day ? zone.beginning_of(*day) : time_from_query(*text);
  if (time) return std::optional(std::clamp(*time, before_all, after_all));
  return bad(std::string(name) +
             " is a day such as 2026-01-01, seconds or milliseconds since 1970, or a time such as " +
             "2026-01-01T10:00:00Z");
}

Result<AskedPeriods> asked_periods(const Request& request, DeviceTime now) {
  AskedPeriods asked{.zone = query_value(request.query, "tz").value_or("UTC")};
  const auto zone = CivilZone::from_name(asked.zone);
  if (!zone) return bad("tz: " + zone.error().detail);
  const auto kind = period_kind_from_name(query_value(request.query, "by").value_or("day"));
  if (!kind) return bad("by is day, week or month");
  asked.kind = *kind;
  const auto from = time_in(*zone, request, "from");
  if (!from) return from.failure();
  const auto to = time_in(*zone, request, "to");
  if (!to) return to.failure();
  if (*from && *to && **from > **to) return bad(std::string(from_after_to));

  const DeviceTime until = to->value_or(now + std::chrono::seconds(1));
  if (*from) {
    auto periods = zone->periods(*kind, **from, until, periods_max);
    if (!periods) return periods.failure();
    asked.periods = *std::move(periods);
  } else {
    asked.periods = zone->last_periods(*kind, until - std::chrono::seconds(1), periods_default);
  }
  return asked;
}

/// The first second that anything is known of a device.
Result<DeviceTime> beginning_of(const QueryParts& parts, const RegisteredDevice& device) {
  DeviceTime beginning = std::chrono::floor<std::chrono::seconds>(device.created_at);
  const auto fixes = parts.store.fixes(device.number, {before_all, after_all}, 1);
  if (!fixes) return fixes.failure();
  if (!fixes->empty()) beginning = std::min(beginning, fixes->front().timestamp);
  const auto samples = parts.store.samples(device.number, {before_all, after_all}, 1);
  if (!samples) return samples.failure();
  if (!samples->empty()) beginning = std::min(beginning, samples->front().timestamp);
  return beginning;
}

/// Of a question that does not say where it begins: a device that is new has no days before it.
Result<void> begin_with_device(const QueryParts& parts, const Request& request, const RegisteredDevice& device,
                               AskedPeriods& asked) {
  if (query_value(request.query, "from") || asked.periods.empty()) return {};
  const auto beginning = beginning_of(parts, device);
  if (!beginning) return beginning.failure();
  const auto last = std::prev(asked.periods.end());
  const auto first =
      std::find_if(asked.periods.begin(), last, [&](const Period& period) { return period.until > *beginning; });
  asked.periods.erase(asked.periods.begin(), first);
  return {};
}

Result<std::optional<std::int64_t>> goal_parameter(const Request& request, std::string_view name) {
  const auto text = query_value(request.query, name);
  if (!text) return std::optional<std::int64_t>();
  constexpr std::int64_t greatest = 1'000'000'000;
  const auto goal = number_from<std::int64_t>(*text);
  if (!goal || *goal < 1 || *goal > greatest) return bad(std::string(name) + " is a number from 1 to 1000000000");
  return goal;
}

Result<Goals> goal_parameters(const Request& request) {
  const auto seconds = goal_parameter(request, "goal_seconds");
  if (!seconds) return seconds.failure();
  const auto steps = goal_parameter(request, "goal_steps");
  if (!steps) return steps.failure();
  return Goals{.seconds = *seconds, .steps = *steps};
}

void append_period(std::string& json, const Period& period, const PeriodSums& sums, const Goals& goals) {
  json.append("{\"date\":\"").append(day_text(period.first_day)).append("\"");
  append_member(json, "from", seconds_since_1970(period.from));
  append_member(json, "to", seconds_since_1970(period.until));
  append_sums(json, sums);
  if (goals.any()) json.append(",\"goal_met\":").append(goals.met_by(sums) ? "true" : "false");
  json.push_back('}');
}

std::string activity_json(std::string_view device, const AskedPeriods& asked, std::span<const PeriodSums> sums,
                          const Goals& goals, DeviceTime now) {
  std::string json = "{\"device\":\"";
  json.append(device).append("\",\"by\":\"").append(name_of(asked.kind)).append("\",\"tz\":");
  append_json_string(json, asked.zone);
  json.append(",\"periods\":[");
  for (std::size_t i = 0; i < sums.size(); ++i) {
    if (i > 0) json.push_back(',');
    append_period(json, asked.periods[i], sums[i], goals);
  }
  json.push_back(']');
  if (goals.any()) {
    const Streaks streaks = streaks_of(sums, goals, now);
    json.append(",\"streak\":{\"current\":").append(std::to_string(streaks.current));
    append_member(json, "longest", streaks.longest);
    json.push_back('}');
  }
  return json.append("}");
}

}  // namespace

Response activity(const QueryParts& parts, const Request& request) {
  const auto device = device_of(parts, request, request.parameters.at(0));
  if (!device) return problem_of(device.error());
  const DeviceTime now = std::chrono::floor<std::chrono::seconds>(parts.clock.now());
  auto asked = asked_periods(request, now);
  if (!asked) return problem_of(asked.error());
  if (const auto begun = begin_with_device(parts, request, *device, *asked); !begun) return problem_of(begun.error());
  const auto goals = goal_parameters(request);
  if (!goals) return problem_of(goals.error());
  const auto sums = sum_activity(parts.store, device->number, asked->periods);
  if (!sums) return problem_of(sums.error());
  return page(AnswerForm::json, activity_json(device->id.text(), *asked, *sums, *goals, now), request, "");
}

}  // namespace packwalk
