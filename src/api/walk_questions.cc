#include "api/walk_questions.h"

#include <optional>
#include <utility>

#include "api/query_parameters.h"
#include "api/walk_answers.h"
#include "app/questions/find_pack_walks.h"
#include "base/work_limits.h"
#include "http/problem.h"

namespace packwalk {
namespace {

IdOf ids(const QueryParts& parts, const Request& request) {
  return [&](DeviceNumber device) { return id_in_row(parts, request, device); };
}

/// The device that a parameter names.
Result<RegisteredDevice> named_device(const QueryParts& parts, const Request& request, std::string_view name) {
  const auto id = query_value(request.query, name);
  if (!id) return fail(Errc::invalid_input, std::string(name) + " is missing: the id of a device");
  return device_of(parts, request, *id);
}

struct Asked {
  TimeRange range;
  std::size_t limit = 0;
};
Result<Asked> asked_of(const Request& request) {
  const auto range = range_parameters(request);
  if (!range) return range.failure();
  const auto limit = limit_parameter(request);
  if (!limit) return limit.failure();
  return Asked{*range, *limit};
}

/// A page that was asked for with one more than it may have: takes that one off, and tells the cursor of the page
/// after.
template <class Row>
std::string take_next(std::vector<Row>& rows, std::size_t limit) {
  if (rows.size() <= limit) return "";
  rows.pop_back();
  return cursor_of(cursor_of(rows.back()));
}

Result<std::vector<OfPair<JointWalk>>> find_joint_walks(const QueryParts& parts, const Request& request,
                                                        const Asked& asked, const WalkCursor& after) {
  const auto device = named_device(parts, request, "device");
  if (!device) return device.failure();
  if (!query_value(request.query, "with")) {
    return parts.store.joint_walks(device->number, asked.range, after, asked.limit + 1);
  }
  const auto with = named_device(parts, request, "with");
  if (!with) return with.failure();
  const bool is_lower = device->id < with->id;
  return parts.store.joint_walks_of_pair(is_lower ? device->number : with->number,
                                         is_lower ? with->number : device->number, asked.range, after, asked.limit + 1);
}

}  // namespace

Response joint_walks(const QueryParts& parts, const Request& request) {
  const auto asked = asked_of(request);
  if (!asked) return problem_of(asked.error());
  const auto after = walk_cursor(request);
  if (!after) return problem_of(after.error());
  auto found = find_joint_walks(parts, request, *asked, *after);
  if (!found) return problem_of(found.error());
  const std::string next = take_next(*found, asked->limit);
  ListWriter list(AnswerForm::json, "joint_walks");
  Pace pace;
  for (const OfPair<JointWalk>& walk : *found) {
    if (pace.must_end()) break;
    append_joint_walk(list.next_item(), walk, ids(parts, request));
  }
  return page(AnswerForm::json, list.finish(next), request, next);
}

Response pack_walks(const QueryParts& parts, const Request& request) {
  const auto device = named_device(parts, request, "device");
  if (!device) return problem_of(device.error());
  const auto asked = asked_of(request);
  if (!asked) return problem_of(asked.error());
  const auto after = walk_cursor(request);
  if (!after) return problem_of(after.error());
  const auto found = find_pack_walks(parts.store, device->number, asked->range, *after, asked->limit);
  if (!found) return problem_of(found.error());
  const std::string next = found->next ? cursor_of(*found->next) : "";
  ListWriter list(AnswerForm::json, "pack_walks");
  for (const FoundPackWalk& pack : found->pack_walks) {
    if (work_must_end()) break;
    append_pack_walk(list.next_item(), pack, ids(parts, request));
  }
  return page(AnswerForm::json, list.finish(next), request, next);
}

Response companions(const QueryParts& parts, const Request& request) {
  const auto device = device_of(parts, request, request.parameters.at(0));
  if (!device) return problem_of(device.error());
  const auto asked = asked_of(request);
  if (!asked) return problem_of(asked.error());
  const auto after = companion_cursor(request);
  if (!after) return problem_of(after.error());
  auto found = parts.store.companions(device->number, asked->range, *after, asked->limit + 1);
  if (!found) return problem_of(found.error());
  const std::string next = take_next(*found, asked->limit);
  ListWriter list(AnswerForm::json, "companions");
  for (const Companion& companion : *found) append_companion(list.next_item(), companion, ids(parts, request));
  return page(AnswerForm::json, list.finish(next), request, next);
}

}  // namespace packwalk
