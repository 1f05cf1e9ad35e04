#include "api/track_questions.h"

#include <algorithm>
#include <utility>

#include "api/fixes_stream.h"
#include "api/query_parameters.h"
#include "api/track_answers.h"
#include "app/questions/marked_fixes.h"
#include "base/text.h"
#include "base/work_limits.h"
#include "core/track/simplify.h"
#include "http/problem.h"

namespace packwalk {
namespace {

constexpr std::size_t line_fixes_max = 100'000;  // more than a day of one a second

std::vector<Fix> simplified_fixes(const std::vector<Fix>& fixes, double tolerance_m) {
  std::vector<LatLon> line;
  line.reserve(fixes.size());
  for (const Fix& fix : fixes) line.push_back(fix.position);
  std::vector<Fix> kept;
  // Block by block, each with the first point of the next, as simplified() does it: the worst line takes a second.
  for (std::size_t first = 0; first < line.size() && !work_must_end(); first += simplified_block) {
    const std::size_t last = std::min(first + simplified_block, line.size() - 1);
    const auto block = std::span(line).subspan(first, last - first + 1);
    for (const std::size_t index : simplified(block, tolerance_m)) {
      if (index < simplified_block) kept.push_back(fixes[first + index]);
    }
  }
  return kept;
}

std::vector<Fix> without_outliers(const std::vector<MarkedFix>& marked) {
  std::vector<Fix> fixes;
  fixes.reserve(marked.size());
  for (const MarkedFix& each : marked) {
    if (!each.is_outlier) fixes.push_back(each.fix);
  }
  return fixes;
}

Result<Track> track_from(QueryStore& store, DeviceNumber device, std::string_view from) {
  const auto seconds = number_from<std::int32_t>(from);
  if (seconds) {
    const DeviceTime begins = device_time(*seconds);
    const auto found = store.tracks(device, {begins, begins + std::chrono::seconds(1)}, 1);
    if (!found) return found.failure();
    if (!found->empty() && found->front().from == begins) return found->front();
  }
  return fail(Errc::not_found, "this device has no track that begins at this second");
}

std::string line_in(AnswerForm form, const TrackLine& line) {
  switch (form) {
    case AnswerForm::json:
      return track_json(line);
    case AnswerForm::geojson:
      return track_feature(line);
    case AnswerForm::gpx:
      break;
  }
  std::vector<MarkedFix> fixes;
  fixes.reserve(line.fixes.size());
  for (const Fix& fix : line.fixes) fixes.push_back({fix});
  return gpx_of(line.device, fixes, std::nullopt, line.cut);
}

}  // namespace

Response tracks(const QueryParts& parts, const Request& request) {
  const auto device = device_of(parts, request, request.parameters.at(0));
  if (!device) return problem_of(device.error());
  auto range = range_parameters(request);
  if (!range) return problem_of(range.error());
  const auto limit = limit_parameter(request);
  if (!limit) return problem_of(limit.error());
  const auto cursor = number_cursor(request);
  if (!cursor) return problem_of(cursor.error());

  // Tracks do not overlap: those that have a second of what is left of the range are those that are left.
  if (*cursor) range->from = std::max(range->from, device_time(**cursor));
  auto found = parts.store.tracks(device->number, *range, *limit + 1);
  if (!found) return problem_of(found.error());
  std::string next;
  if (found->size() > *limit) {
    next = std::to_string(seconds_since_1970(found->back().from));
    found->pop_back();
  }
  ListWriter list(AnswerForm::json, "tracks");
  for (const Track& each : *found) append_track(list.next_item(), each);
  return page(AnswerForm::json, list.finish(next), request, next);
}

Response track(const QueryParts& parts, const Request& request) {
  const auto device = device_of(parts, request, request.parameters.at(0));
  if (!device) return problem_of(device.error());
  const auto tolerance = tolerance_parameter(request);
  if (!tolerance) return problem_of(tolerance.error());
  const auto form = form_parameter(request, true);
  if (!form) return problem_of(form.error());
  const auto found = track_from(parts.store, device->number, request.parameters.at(1));
  if (!found) return problem_of(found.error());

  const TimeRange range{found->from, found->to + std::chrono::seconds(1)};
  auto marked = marked_fixes(parts.store, device->number, range, line_fixes_max + 1, parts.rules.outliers());
  if (!marked) return problem_of(marked.error());
  // The operator may have dropped old fixes, and keeps their tracks.
  if (marked->empty()) return problem(404, "the fixes of this track are not kept any more");
  const bool cut = marked->size() > line_fixes_max;
  if (cut && *form == AnswerForm::gpx && !*tolerance) {
    const FixesRange wanted{device->number, std::string(device->id.text()), range, *form, std::nullopt, false};
    return stream_of(std::make_shared<FixesStream>(parts, request, wanted), *form);
  }
  if (cut) marked->pop_back();
  std::vector<Fix> fixes = without_outliers(*marked);
  if (*tolerance) fixes = simplified_fixes(fixes, **tolerance);
  return page(*form, line_in(*form, {device->id.text(), *found, fixes, cut}), request, "");
}

}  // namespace packwalk
