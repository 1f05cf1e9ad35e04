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

/// The messages that arrived in from <= t < to.
MessageSpan span_in(Parameters& in) {
  MessageSpan span;
  const auto times = in.times(time_from_query);
  if (times.from) span.after = MessageSpan::of_arrival(*times.from, {}).after;
  if (times.to) span.before = {*times.to, 0};
  return span;
}

}  // namespace

Result<Response> devices(Ask& ask) {
  const auto prefix = ask.in.text("q").value_or("");
  const std::size_t limit = ask.in.limit();
  if (!prefix.empty() && !DeviceId::from_text(prefix)) {
    ask.in.reject("q", "q is how an id begins: up to 64 characters of A-Z, a-z, 0-9, _ and -");
  }
  if (auto read = ask.in.check(); !read) return read.failure();
  auto found = ask.parts.store.devices(prefix, ask.in.text("cursor").value_or(""), limit + 1);
  if (!found) return found.failure();
  std::string next;
  if (found->size() > limit) {
    found->pop_back();
    next = ask.next_cursor(found->back().device.id.text());
  }
  ListWriter list(AnswerForm::json, "devices");
  for (const ListedDevice& each : *found) write_listed_device(list.items(), each);
  return page(AnswerForm::json, list.finish(next), ask.request, next);
}

Result<Response> device(Ask& ask) {
  const auto state = ask.parts.store.state(ask.device->number);
  if (!state) return state.failure();
  return page(AnswerForm::json, device_json(*ask.device, *state, ask.parts.clock.now()), ask.request, "");
}

Result<Response> messages(Ask& ask) {
  MessageReader& reader = ask.parts.messages;
  const DeviceNumber device = ask.device->number;
  const auto verdict = verdict_in(ask.in);
  const Paging paging{ask.in.limit(), ask.in.order()};
  MessageSpan span = span_in(ask.in);
  MessageCursor& end = paging.is_backwards() ? span.before : span.after;
  end = message_cursor(ask.in).value_or(end);
  if (auto read = ask.in.check(); !read) return read.failure();

  const auto found = reader.messages(device, verdict, span, paging);
  if (!found) return found.failure();
  std::string next;
  if (!found->empty()) {  // large messages make a page shorter than its limit, so it is asked whether more come
    end = cursor_of(found->back());
    const auto more = reader.messages(device, verdict, span, {1, paging.order});
    if (!more) return more.failure();
    if (!more->empty()) next = ask.next_cursor(cursor_of(end));
  }
  ListWriter list(AnswerForm::json, "messages");
  for (const StoredMessage& message : *found) {
    if (work_must_end()) break;
    write_message(list.items(), message);
  }
  return page(AnswerForm::json, list.finish(next), ask.request, next);
}

}  // namespace packwalk
