#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "api/questions.h"
#include "api/track_answers.h"
#include "app/questions/sum_activity.h"
#include "base/time_text.h"

namespace packwalk {
namespace {

constexpr std::size_t periods_max = 1000;
constexpr std::size_t periods_default = 30;
constexpr std::int64_t goal_max = 1'000'000'000;

struct AskedPeriods {
  std::string zone;
  PeriodKind kind{};
  bool has_beginning = false;  // the question says where they begin
  std::vector<Period> periods;
};

/// Each is what stands for a missing one where its parameter is wrong.
CivilZone zone_in(Parameters& in) {
  auto zone = CivilZone::from_name(in.text("tz").value_or("UTC"));
  if (zone) return *std::move(zone);
  in.reject("tz", "tz: " + zone.error().detail);
  return CivilZone::from_name("UTC").value();
}

PeriodKind kind_in(Parameters& in) {
  const auto kind = period_kind_from_name(in.text("by").value_or("day"));
  if (!kind) in.reject("by", "by is day, week or month");
  return kind.value_or(PeriodKind::day);
}

Goals goals_in(Parameters& in) {
  return {.seconds =
              in.number<std::int64_t>("goal_seconds", {1, goal_max}, "goal_seconds is a number from 1 to 1000000000"),
          .steps = in.number<std::int64_t>("goal_steps", {1, goal_max}, "goal_steps is a number from 1 to 1000000000")};
}

AskedPeriods asked_periods(Parameters& in, DeviceTime now) {
  AskedPeriods asked{.zone = std::string(in.text("tz").value_or("UTC")), .kind = kind_in(in)};
  const CivilZone zone = zone_in(in);
  // A day is one of the zone, and stands for its beginning.
  const auto time_of = [&](std::string_view text) -> Result<DeviceTime> {
    if (const auto day = day_from_text(text)) return zone.beginning_of(*day);
    return time_from_query(text);
  };
  const auto times = in.times(time_of);
  asked.has_beginning = times.from.has_value();
  const DeviceTime until = times.to.value_or(now + std::chrono::seconds(1));
  if (in.fault()) return asked;
  if (!times.from) {
    asked.periods = zone.last_periods(asked.kind, until - std::chrono::seconds(1), periods_default);
    return asked;
  }
  auto periods = zone.periods(asked.kind, *times.from, until, periods_max);
  if (!periods) in.reject("from", periods.error().detail);
  if (periods) asked.periods = *std::move(periods);
  return asked;
}

/// The first second that anything is known of a device.
Result<DeviceTime> beginning_of(QueryStore& store, const RegisteredDevice& device) {
  DeviceTime beginning = std::chrono::floor<std::chrono::seconds>(device.created_at);
  const auto fixes = store.fixes(device.number, {before_all, after_all}, 1);
  if (!fixes) return fixes.failure();
  if (!fixes->empty()) beginning = std::min(beginning, fixes->front().timestamp);
  const auto samples = store.samples(device.number, {before_all, after_all}, 1);
  if (!samples) return samples.failure();
  if (!samples->empty()) beginning = std::min(beginning, samples->front().timestamp);
  return beginning;
}

/// Of a question that does not say where it begins: a device that is new has no days before it.
Result<void> begin_with_device(const Ask& ask, AskedPeriods& asked) {
  if (asked.has_beginning || asked.periods.empty()) return {};
  const auto beginning = beginning_of(ask.parts.store, *ask.device);
  if (!beginning) return beginning.failure();
  const auto last = std::prev(asked.periods.end());
  const auto first =
      std::find_if(asked.periods.begin(), last, [&](const Period& period) { return period.until > *beginning; });
  asked.periods.erase(asked.periods.begin(), first);
  return {};
}

void write_period(JsonWriter& json, const Period& period, const PeriodSums& sums, const Goals& goals) {
  json.object([&] {
    json.member("date", day_text(period.first_day));
    json.member("from", period.from);
    json.member("to", period.until - std::chrono::seconds(1));
    write_sums(json, sums);
    if (goals.any()) json.member("goal_met", goals.met_by(sums));
  });
}

std::string activity_json(const Ask& ask, const AskedPeriods& asked, std::span<const PeriodSums> sums,
                          const Goals& goals, DeviceTime now) {
  JsonWriter json;
  json.object([&] {
    json.member("device", ask.device->id.text());
    json.member("by", name_of(asked.kind));
    json.member("tz", asked.zone);
    json.array("periods", [&] {
      for (std::size_t i = 0; i < sums.size(); ++i) write_period(json, asked.periods[i], sums[i], goals);
    });
    if (!goals.any()) return;
    json.member("goals_by", name_of(goals.by));
    const Streaks streaks = streaks_of(sums, goals, now);
    json.object("streak", [&] {
      json.member("current_count", streaks.current);
      json.member("longest_count", streaks.longest);
    });
  });
  return json.take();
}

}  // namespace

Result<Response> activity(Ask& ask) {
  const DeviceTime now = std::chrono::floor<std::chrono::seconds>(ask.parts.clock.now());
  AskedPeriods asked = asked_periods(ask.in, now);
  Goals goals = goals_in(ask.in);
  if (auto read = ask.in.check(); !read) return read.failure();

  if (auto begun = begin_with_device(ask, asked); !begun) return begun.failure();
  const auto sums = sum_activity(ask.parts.store, ask.device->number, asked.periods);
  if (!sums) return sums.failure();
  goals.by = goals_by(*sums);
  return page_with_etag(AnswerForm::json, activity_json(ask, asked, *sums, goals, now), ask.request, "");
}

}  // namespace packwalk
