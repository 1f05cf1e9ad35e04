#include "api/ask.h"

#include <utility>

namespace packwalk {

Result<FoundDevice> find_device(const Ask& ask, std::string_view id, MayBlock may_block) {
  DeviceDirectory& directory = ask.parts.directory;
  const auto look = [&] { return directory.find(id); };
  auto found = may_block == MayBlock::yes ? directory.look_again(look, ask.request.received_at)
                                          : Result<std::optional<RegisteredDevice>>(look());
  if (!found) return found.failure();
  if (!*found) return FoundDevice{std::nullopt, Problem::unknown_device};
  switch (access_to(ask.caller, relation_of(ask.caller, (*found)->number), ask.action)) {
    case Access::granted:
      return FoundDevice{*std::move(found)};
    case Access::forbidden:
      return FoundDevice{std::nullopt, Problem::forbidden};
    case Access::hidden:
      break;
  }
  return FoundDevice{std::nullopt, Problem::unknown_device};
}

std::string_view detail_of(Problem refusal) {
  return refusal == Problem::forbidden ? "This token does not allow that for this device."
                                       : "There is no device with this id. Check the id.";
}

std::string_view id_in_row(const Ask& ask, DeviceNumber device) {
  DeviceDirectory& directory = ask.parts.directory;
  std::string_view id;
  const auto look = [&] {
    id = directory.id_ever_of(device);
    return !id.empty();
  };
  static_cast<void>(directory.look_again(look, ask.request.received_at));  // else it is told without an id
  return id;
}

Response page(AnswerForm form, std::string body, const Request& request, std::string_view cursor) {
  Response response{.content_type = std::string(media_type_of(form)), .body = std::move(body)};
  if (!cursor.empty()) response.headers.emplace_back("Link", next_link(request, cursor));
  return response;
}

Response page_with_etag(AnswerForm form, std::string body, const Request& request, std::string_view cursor) {
  Response response = page(form, std::move(body), request, cursor);
  response.has_etag = cursor.empty();  // a sealed cursor differs each time
  return response;
}

}  // namespace packwalk
