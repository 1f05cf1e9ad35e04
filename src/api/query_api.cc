#include "api/query_api.h"

#include <limits>
#include <memory>
#include <utility>

#include "api/activity_question.h"
#include "api/answers.h"
#include "api/fixes_stream.h"
#include "api/query_parameters.h"
#include "api/track_questions.h"
#include "api/walk_questions.h"
#include "app/questions/marked_fixes.h"
#include "base/work_limits.h"
#include "http/problem.h"

namespace packwalk {
namespace {

Response positions(const QueryParts& parts, const Request& request) {
  const auto box = box_parameter(request);
  const auto max_age = max_age_parameter(request);
  const auto limit = limit_parameter(request);
  const auto cursor = number_cursor(request);
  const auto form = form_parameter(request, false);
  for (const Error* error :
       {box ? nullptr : &box.error(), max_age ? nullptr : &max_age.error(), limit ? nullptr : &limit.error(),
        cursor ? nullptr : &cursor.error(), form ? nullptr : &form.error()}) {
    if (error) return problem_of(*error);
  }
  const ServerTime now = parts.clock.now();
  const auto earliest = *max_age ? std::chrono::floor<std::chrono::seconds>(now) - **max_age
                                 : device_time(std::numeric_limits<std::int32_t>::min());
  const BoxAnswer found = parts.positions.in_box({*box, earliest, DeviceNumber{cursor->value_or(0)}, *limit});
  ListWriter list(*form, "positions");
  for (const DevicePosition& position : found.positions) {
    const std::string_view id = parts.directory.id_of(position.device);
    if (id.empty()) continue;  // removed since
    std::string& item = list.next_item();
    if (*form == AnswerForm::geojson) {
      append_feature(item, {id, position.fix}, now);
    } else {
      append_position(item, {id, position.fix}, now);
    }
  }
  const std::string next = found.more ? std::to_string(found.positions.back().device.value) : "";
  return page(*form, list.finish(next), request, next);
}

Response position(const QueryParts& parts, const Request& request) {
  const auto number = parts.directory.by_id(request.parameters.at(0));
  if (!number) return problem(404, "there is no device of this id");
  const auto found = parts.positions.find(*number);
  if (!found) return problem(404, "this device has not sent a valid position yet");
  std::string json;
  append_position(json, {request.parameters[0], found->fix}, parts.clock.now());
  return {.content_type = "application/json", .body = std::move(json)};
}

Response device(const QueryParts& parts, const Request& request) {
  const auto device = device_of(parts, request, request.parameters.at(0));
  if (!device) return problem_of(device.error());
  const auto state = parts.store.state(device->number);
  if (!state) return problem_of(state.error());
  return {.content_type = "application/json", .body = device_json(*device, *state, parts.clock.now())};
}

Response fixes_page(const QueryParts& parts, const Request& request, AnswerForm form, std::span<const MarkedFix> fixes,
                    std::string_view next) {
  const std::string& id = request.parameters[0];
  if (form == AnswerForm::gpx)
    return page(form, gpx_of(id, fixes, parts.rules.tracks.gap, !next.empty()), request, next);
  const ServerTime now = parts.clock.now();
  ListWriter list(form, "fixes");
  Pace pace;
  for (const MarkedFix& each : fixes) {
    if (pace.must_end()) break;
    std::string& item = list.next_item();
    if (form == AnswerForm::geojson) {
      append_feature(item, {id, each.fix, each.is_outlier}, now);
    } else {
      append_position(item, {id, each.fix, each.is_outlier}, now);
    }
  }
  return page(form, list.finish(next), request, next);
}

Response fixes(const QueryParts& parts, const Request& request) {
  const auto device = device_of(parts, request, request.parameters.at(0));
  if (!device) return problem_of(device.error());
  auto range = range_parameters(request);
  if (!range) return problem_of(range.error());
  const auto form = form_parameter(request, true);
  if (!form) return problem_of(form.error());
  const auto limit = limit_parameter(request);
  if (!limit) return problem_of(limit.error());
  const auto cursor = number_cursor(request);
  if (!cursor) return problem_of(cursor.error());

  if (*cursor) range->from = std::max(range->from, device_time(**cursor));
  // Who opens a file looks for no next page.
  if (*form != AnswerForm::json && !query_value(request.query, "limit")) {
    const FixesRange wanted{device->number, request.parameters[0], *range, *form, parts.rules.tracks.gap};
    return stream_of(std::make_shared<FixesStream>(parts, request, wanted), *form);
  }
  auto found = marked_fixes(parts.store, device->number, *range, *limit + 1, parts.rules.outliers());
  if (!found) return problem_of(found.error());
  std::string next;
  if (found->size() > *limit) {
    next = std::to_string(seconds_since_1970(found->back().fix.timestamp));
    found->pop_back();
  }
  return fixes_page(parts, request, *form, *found, next);
}

Response messages(const QueryParts& parts, const Request& request) {
  const auto device = device_of(parts, request, request.parameters.at(0));
  if (!device) return problem_of(device.error());
  const auto verdict = verdict_parameter(request);
  if (!verdict) return problem_of(verdict.error());
  const auto limit = limit_parameter(request);
  if (!limit) return problem_of(limit.error());
  const auto after = message_cursor(request);
  if (!after) return problem_of(after.error());

  const auto found = parts.messages.messages(device->number, *verdict, *after, *limit);
  if (!found) return problem_of(found.error());
  std::string next;
  if (!found->empty()) {  // large messages make a page shorter than its limit, so it is asked whether more come
    const MessageCursor last{found->back().received_at, found->back().ordinal};
    const auto more = parts.messages.messages(device->number, *verdict, last, 1);
    if (!more) return problem_of(more.error());
    if (!more->empty()) next = cursor_of(last);
  }
  ListWriter list(AnswerForm::json, "messages");
  for (const StoredMessage& message : *found) {
    if (work_must_end()) break;
    append_message(list.next_item(), message);
  }
  return page(AnswerForm::json, list.finish(next), request, next);
}

}  // namespace

std::vector<Route> query_routes(QueryParts parts) {
  const auto shared = std::make_shared<const QueryParts>(parts);
  const std::vector<Method> get{Method::get};
  std::vector<Route> routes{
      {get, "/v1/positions", at_once(shared, {{"bbox", "max_age", "limit", "cursor", "format"}, positions})},
      {get, "/v1/devices/{id}/position", at_once(shared, {{}, position})},
      {get, "/v1/devices/{id}", from_store(shared, {{}, device})},
      {get, "/v1/devices/{id}/fixes", from_store(shared, {{"from", "to", "limit", "cursor", "format"}, fixes})},
      {get, "/v1/devices/{id}/messages", from_store(shared, {{"verdict", "limit", "cursor"}, messages})},
      {get, "/v1/devices/{id}/tracks", from_store(shared, {{"from", "to", "limit", "cursor"}, tracks})},
      {get, "/v1/devices/{id}/tracks/{from}", from_store(shared, {{"tolerance", "format"}, track})},
      {get, "/v1/devices/{id}/activity",
       from_store(shared, {{"by", "tz", "from", "to", "goal_seconds", "goal_steps"}, activity})},
      {get, "/v1/devices/{id}/companions", from_store(shared, {{"from", "to", "limit", "cursor"}, companions})},
      {get, "/v1/joint-walks", from_store(shared, {{"device", "with", "from", "to", "limit", "cursor"}, joint_walks})},
      {get, "/v1/pack-walks", from_store(shared, {{"device", "from", "to", "limit", "cursor"}, pack_walks})},
  };
  for (Route& route : routes) {
    route.check = [shared](const Request& head, const Decided& decide) {
      auto refusal = not_admin(*shared, head);
      const bool is_admitted = !refusal;
      decide({.refusal = std::move(refusal), .is_admitted = is_admitted});
    };
    route.heeds_gone = true;
  }
  return routes;
}

}  // namespace packwalk
