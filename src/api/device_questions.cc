#include <limits>
#include <string>

#include "api/cursors.h"
#include "api/device_answers.h"
#include "api/list_writer.h"
#include "api/questions.h"
#include "base/work_limits.h"

namespace packwalk {
namespace {

std::optional<Verdict> verdict_in(Parameters& in) {
  const auto name = in.text("verdict");
  const auto verdict = name ? verdict_from_name(*name) : std::nullopt;
  if (name && !verdict) in.reject("verdict", "verdict is accepted, duplicate, conflict or invalid");
  return verdict;
}

}  // namespace

Result<Response> device(Ask& ask) {
  const auto state = ask.parts.store.state(ask.device->number);
  if (!state) return state.failure();
  return page(AnswerForm::json, device_json(*ask.device, *state, ask.parts.clock.now()), ask.request, "");
}

Result<Response> messages(Ask& ask) {
  MessageReader& reader = ask.parts.messages;
  const DeviceNumber device = ask.device->number;
  const auto verdict = verdict_in(ask.in);
  const std::size_t limit = ask.in.limit();
  const MessageCursor after = message_cursor(ask.in);
  if (auto read = ask.in.check(); !read) return read.failure();

  const auto found = reader.messages(device, verdict, after, limit);
  if (!found) return found.failure();
  std::string next;
  if (!found->empty()) {  // large messages make a page shorter than its limit, so it is asked whether more come
    const MessageCursor last{found->back().received_at, found->back().ordinal};
    const auto more = reader.messages(device, verdict, last, 1);
    if (!more) return more.failure();
    if (!more->empty()) next = cursor_of(last);
  }
  ListWriter list(AnswerForm::json, "messages");
  for (const StoredMessage& message : *found) {
    if (work_must_end()) break;
    write_message(list.items(), message);
  }
  return page(AnswerForm::json, list.finish(next), ask.request, next);
}

}  // namespace packwalk
