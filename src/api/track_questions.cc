#include <algorithm>
#include <memory>
#include <utility>

#include "api/fix_answers.h"
#include "api/fixes_stream.h"
#include "api/list_writer.h"
#include "api/questions.h"
#include "api/track_answers.h"
#include "app/questions/marked_fixes.h"
#include "base/work_limits.h"
#include "core/track/simplify.h"

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

/// Nothing where no track begins at this second.
Result<std::optional<Track>> track_from(QueryStore& store, DeviceNumber device, std::string_view from) {
  const auto given = time_from_query(form_decoded(from));
  if (!given || *given < before_all || *given >= after_all) return std::nullopt;
  const DeviceTime begins = *given;
  const auto found = store.tracks(device, {begins, begins + std::chrono::seconds(1)}, 1);
  if (!found) return found.failure();
  if (found->empty() || found->front().from != begins) return std::nullopt;
  return found->front();
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

/// The range behind the page before: its cursor is where the rest begins, or backwards where that ends.
TimeRange rest_of_range(Parameters& in, TimeOrder order) {
  TimeRange range = in.range();
  const auto cursor = in.cursor<1>();
  if (!cursor) return range;
  const DeviceTime edge = device_time(cursor->front());
  if (order == TimeOrder::oldest_first) {
    range.from = std::max(range.from, edge);
  } else {
    range.until = std::min(range.until, edge);
  }
  return range;
}

/// Takes off the row that a page has too much, and tells the cursor of the page behind it; "" where it is the last.
template <class Row, class SecondsOf>
std::string take_next(const Ask& ask, std::vector<Row>& rows, Paging page, SecondsOf seconds_of) {
  if (rows.size() <= page.limit) return "";
  rows.pop_back();
  const auto [first, last] = seconds_of(rows.back());
  const DeviceTime edge = page.is_backwards() ? first : last + std::chrono::seconds(1);
  return ask.next_cursor(std::to_string(seconds_since_1970(edge)));
}

std::string fixes_json(const Ask& ask, AnswerForm form, std::span<const MarkedFix> fixes, std::string_view next) {
  const std::string& id = ask.device->id.text();
  const ServerTime now = ask.parts.clock.now();
  ListWriter list(form, "fixes", fixes.size() * position_bytes);
  Pace pace;
  for (const MarkedFix& each : fixes) {
    if (pace.must_end()) break;
    if (form == AnswerForm::geojson) {
      write_feature(list.items(), {id, each.fix, each.is_outlier}, now);
    } else {
      write_position(list.items(), {id, each.fix, each.is_outlier}, now);
    }
  }
  return list.finish(next);
}

/// All of it, of any length.
Result<Response> whole_gpx(const Ask& ask, const TimeRange& range) {
  const FixesRange wanted{ask.device->number, ask.device->id.text(), range, AnswerForm::gpx, std::nullopt, false};
  return stream_of(std::make_shared<FixesStream>(ask.parts, ask.request, wanted), AnswerForm::gpx);
}

}  // namespace

Result<Response> fixes(Ask& ask) {
  const Paging paging{ask.in.limit(), ask.in.order()};
  const TimeRange range = rest_of_range(ask.in, paging.order);
  const AnswerForm form = ask.in.form(ask.request.accept(), true);
  const bool is_whole_file = form != AnswerForm::json && !ask.in.has("limit");
  if (paging.is_backwards() && (is_whole_file || form == AnswerForm::gpx)) {
    ask.in.reject("sort", "sort=-time is for pages of JSON, and of GeoJSON with a limit");
  }
  if (auto read = ask.in.check(); !read) return read.failure();

  const std::string& id = ask.device->id.text();
  const auto gap = ask.parts.rules.tracks.gap;
  // Who opens a file looks for no next page.
  if (is_whole_file) {
    const FixesRange wanted{ask.device->number, id, range, form, gap};
    return stream_of(std::make_shared<FixesStream>(ask.parts, ask.request, wanted), form);
  }
  auto found = marked_fixes(ask.parts.store, ask.device->number, range, {paging.limit + 1, paging.order},
                            ask.parts.rules.outliers());
  if (!found) return found.failure();
  const std::string next = take_next(ask, *found, paging, [](const MarkedFix& marked) {
    return std::pair(marked.fix.timestamp, marked.fix.timestamp);
  });
  std::string body =
      form == AnswerForm::gpx ? gpx_of(id, *found, gap, !next.empty()) : fixes_json(ask, form, *found, next);
  return page(form, std::move(body), ask.request, next);
}

Result<Response> tracks(Ask& ask) {
  // Tracks do not overlap: those that have a second of what is left of the range are those that are left.
  const Paging paging{ask.in.limit(), ask.in.order()};
  const TimeRange range = rest_of_range(ask.in, paging.order);
  if (auto read = ask.in.check(); !read) return read.failure();

  auto found = ask.parts.store.tracks(ask.device->number, range, {paging.limit + 1, paging.order});
  if (!found) return found.failure();
  const std::string next =
      take_next(ask, *found, paging, [](const Track& track) { return std::pair(track.from, track.to); });
  ListWriter list(AnswerForm::json, "tracks");
  for (const Track& each : *found) write_track(list.items(), ask.device->id.text(), each);
  return page_with_etag(AnswerForm::json, list.finish(next), ask.request, next);
}

Result<Response> track(Ask& ask) {
  constexpr double tolerance_max = 100'000;
  const auto tolerance =
      ask.in.number<double>("tolerance_m", {0, tolerance_max}, "tolerance_m is a number of metres, up to 100000");
  const AnswerForm form = ask.in.form(ask.request.accept(), true);
  if (auto read = ask.in.check(); !read) return read.failure();

  QueryStore& store = ask.parts.store;
  const auto found = track_from(store, ask.device->number, ask.request.parameters.at(1));
  if (!found) return found.failure();
  if (!*found)
    return problem(Problem::unknown_track,
                   "No track of the device begins at this second. List its tracks with /v1/devices/{device}/tracks.");
  const TimeRange range{(*found)->from, (*found)->to + std::chrono::seconds(1)};
  auto marked = marked_fixes(store, ask.device->number, range, line_fixes_max + 1, ask.parts.rules.outliers());
  if (!marked) return marked.failure();
  // The operator may have dropped old fixes, and keeps their tracks.
  if (marked->empty()) return problem(Problem::fixes_not_kept, "The server no longer keeps the fixes of this track.");
  const bool cut = marked->size() > line_fixes_max;
  if (cut && form == AnswerForm::gpx && !tolerance) return whole_gpx(ask, range);
  if (cut) marked->pop_back();
  std::vector<Fix> line = without_outliers(*marked);
  if (tolerance) line = simplified_fixes(line, *tolerance);
  return page_with_etag(form, line_in(form, {ask.device->id.text(), **found, line, cut}), ask.request, "");
}

}  // namespace packwalk
