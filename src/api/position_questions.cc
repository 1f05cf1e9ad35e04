#include <limits>
#include <string>

#include "api/fix_answers.h"
#include "api/list_writer.h"
#include "api/questions.h"

namespace packwalk {

Result<Response> positions(Ask& ask) {
  const ServerTime now = ask.parts.clock.now();
  const auto max_age = ask.in.number<std::int64_t>("max_age_seconds", {0, std::numeric_limits<std::int32_t>::max()},
                                                   "max_age_seconds is a number of seconds");
  const auto earliest =
      max_age ? std::chrono::floor<std::chrono::seconds>(now) - std::chrono::seconds(*max_age) : before_all;
  const auto after = ask.in.cursor<1>();
  const BoxQuery query{ask.in.box(), earliest, DeviceNumber{after ? after->front() : 0}, ask.in.limit()};
  const AnswerForm form = ask.in.form(ask.request.accept(), false);
  if (auto read = ask.in.check(); !read) return read.failure();

  const BoxAnswer found = ask.parts.positions.in_box(query, ask.sight());
  ListWriter list(form, "positions", found.positions.size() * position_bytes);
  const auto ids = ask.parts.directory.ids_of(found.positions);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i].empty()) continue;  // removed since
    const NamedFix named{ids[i], found.positions[i].fix};
    if (form == AnswerForm::geojson) {
      write_feature(list.items(), named, now);
    } else {
      write_position(list.items(), named, now);
    }
  }
  const std::string next = ask.next_cursor(found.more ? std::to_string(found.positions.back().device.value) : "");
  return page(form, list.finish(next), ask.request, next);
}

Result<Response> position(Ask& ask) {
  const auto found = ask.parts.positions.find(ask.device->number);
  if (!found) return problem(Problem::no_position_yet, "The device has not sent a valid position yet.");
  JsonWriter json;
  write_position(json, {ask.device->id.text(), found->fix}, ask.parts.clock.now());
  return page(AnswerForm::json, json.take(), ask.request, "");
}

}  // namespace packwalk
