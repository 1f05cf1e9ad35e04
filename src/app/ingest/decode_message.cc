#include "app/ingest/decode_message.h"

#include <string>
#include <utility>

#include "base/json_writer.h"
#include "core/packet/binary_form.h"
#include "core/packet/json_form.h"
#include "core/phone/osmand.h"
#include "core/phone/overland.h"
#include "core/phone/owntracks.h"

namespace packwalk {
namespace {

/// An object whose only member is an array with one element.
std::string object_around(JsonName name, std::string_view element) {
  JsonWriter json;
  json.object([&] { json.array(name, [&] { json.foreign([&](std::string& text) { text += element; }); }); });
  return json.take();
}

/// `original` as the only element of a body.
std::string body_around(Transport transport, std::string_view original) {
  std::string element(original);
  switch (transport) {
    case Transport::http_json:
    case Transport::mqtt_json:
    case Transport::owntracks:
    case Transport::owntracks_of_overland:
      return "[" + element + "]";
    case Transport::osmand_json:
      return object_around("location", original);
    case Transport::overland:
      return object_around("locations", original);
    case Transport::http_binary:
    case Transport::http_ndjson:
    case Transport::mqtt_binary:
    case Transport::mqtt_ndjson:
    case Transport::osmand_form:
      break;
  }
  return element;
}

void add_only(DecodedBody decoded, std::size_t size, std::vector<Content>& contents) {
  if (decoded.messages.size() != 1 || decoded.too_many || decoded.messages[0].size != size) return;
  contents.push_back(std::move(decoded.messages[0].content));
}

}  // namespace

DecodedBody decode_body(Transport transport, std::string_view body, const PhoneRules& given) {
  PhoneRules rules = given;
  rules.decode.is_part |= is_phone(transport);  // a flaw of one position is no reason to reject all
  switch (transport) {
    case Transport::http_binary:
    case Transport::mqtt_binary:
      return decode_binary(body, rules.decode);
    case Transport::http_json:
    case Transport::mqtt_json:
      return decode_json(body, rules.decode);
    case Transport::http_ndjson:
    case Transport::mqtt_ndjson:
      return decode_ndjson(body, rules.decode);
    case Transport::osmand_form:
      return decode_osmand_form(body, rules);
    case Transport::osmand_json:
      return decode_osmand_json(body, rules);
    case Transport::owntracks:
      return decode_owntracks(body, rules);
    case Transport::owntracks_of_overland:
      return decode_owntracks_of_overland(body, rules);
    case Transport::overland:
      return decode_overland(body, rules);
  }
  return {.unreadable = Unreadable{0, "came through a door that no longer exists"}};
}

std::vector<Content> decode_message(Transport transport, std::string_view original, const PhoneRules& rules) {
  PhoneRules alone = rules;
  alone.decode.packets_max = 1;
  alone.decode.is_part = true;
  std::vector<Content> contents;
  const std::string around = body_around(transport, original);
  if (around.size() > original.size()) add_only(decode_body(transport, around, alone), original.size(), contents);
  add_only(decode_body(transport, original, alone), original.size(), contents);
  if (contents.empty()) contents.emplace_back(Flaw{"", "cannot be read separately"});
  return contents;
}

}  // namespace packwalk
