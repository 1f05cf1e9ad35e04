#include <optional>
#include <utility>

#include "api/cursors.h"
#include "api/list_writer.h"
#include "api/questions.h"
#include "api/walk_answers.h"
#include "app/questions/find_pack_walks.h"
#include "base/work_limits.h"

namespace packwalk {
namespace {

IdOf ids(const Ask& ask) {
  return [&ask](DeviceNumber device) { return id_in_row(ask, device); };
}

/// Removes the extra row of a page that was queried with one more than its limit, and returns the end of the page; ""
/// for the last page.
template <class Row>
std::string take_next(std::vector<Row>& rows, std::size_t limit) {
  if (rows.size() <= limit) return "";
  rows.pop_back();
  return cursor_of(cursor_of(rows.back()));
}

/// The device that `with` names; nothing where it is missing, or names none that the caller sees.
Result<std::optional<RegisteredDevice>> partner(const Ask& ask) {
  const auto id = ask.in.text("with");
  if (!id) return std::nullopt;
  auto found = find_device(ask, *id, MayBlock::yes);
  if (!found) return found.failure();
  if (!found->device) ask.in.reject("with", std::string(detail_of(found->refusal)), found->refusal);
  return std::move(found->device);
}

}  // namespace

Result<Response> joint_walks(Ask& ask) {
  const TimeRange range = ask.in.range();
  const std::size_t limit = ask.in.limit();
  const TimeOrder order = ask.in.order();
  const WalkCursor after = walk_cursor(ask.in, order);
  const auto with = partner(ask);
  if (!with) return with.failure();
  if (auto read = ask.in.check(); !read) return read.failure();

  QueryStore& store = ask.parts.store;
  const RegisteredDevice& device = *ask.device;
  const bool is_lower = *with && device.id < (*with)->id;
  auto found =
      *with ? store.joint_walks_of_pair(is_lower ? device.number : (*with)->number,
                                        is_lower ? (*with)->number : device.number, range, after, {limit + 1, order})
            : store.joint_walks(device.number, range, after, {limit + 1, order});
  if (!found) return found.failure();
  const std::string next = ask.next_cursor(take_next(*found, limit));
  ListWriter list(AnswerForm::json, "joint_walks");
  Pace pace;
  for (const OfPair<JointWalk>& walk : *found) {
    if (pace.must_end()) break;
    write_joint_walk(list.items(), walk, ids(ask));
  }
  return page_with_etag(AnswerForm::json, list.finish(next), ask.request, next);
}

Result<Response> pack_walks(Ask& ask) {
  const TimeRange range = ask.in.range();
  const std::size_t limit = ask.in.limit();
  const TimeOrder order = ask.in.order();
  const WalkCursor after = walk_cursor(ask.in, order);
  if (auto read = ask.in.check(); !read) return read.failure();

  const auto found = find_pack_walks(ask.parts.store, {ask.device->number, range, after, {limit, order}});
  if (!found) return found.failure();
  const std::string next = ask.next_cursor(found->next ? cursor_of(*found->next) : "");
  ListWriter list(AnswerForm::json, "pack_walks");
  for (const FoundPackWalk& pack : found->pack_walks) {
    if (work_must_end()) break;
    write_pack_walk(list.items(), pack, ids(ask));
  }
  return page_with_etag(AnswerForm::json, list.finish(next), ask.request, next);
}

Result<Response> companions(Ask& ask) {
  const TimeRange range = ask.in.range();
  const std::size_t limit = ask.in.limit();
  const CompanionCursor after = companion_cursor(ask.in);
  if (auto read = ask.in.check(); !read) return read.failure();

  auto found = ask.parts.store.companions(ask.device->number, range, after, limit + 1);
  if (!found) return found.failure();
  const std::string next = ask.next_cursor(take_next(*found, limit));
  ListWriter list(AnswerForm::json, "companions");
  for (const Companion& companion : *found) write_companion(list.items(), companion, ids(ask));
  return page_with_etag(AnswerForm::json, list.finish(next), ask.request, next);
}

}  // namespace packwalk
