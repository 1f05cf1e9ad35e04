// Fuzzes both dialects of the OsmAnd protocol.
#include "base/text.h"
#include "core/phone/fuzz_phone_rules.h"
#include "core/phone/osmand.h"

namespace {

using namespace packwalk;

void check_form(std::string_view body) {
  const DecodedBody decoded = decode_osmand_form(body, fuzz::phone_rules);
  fuzz::check_phone(body, decoded);
  fuzz::require(decoded.unreadable || decoded.messages.size() == 1, "a form is one message");
  fuzz::require(!decoded.unreadable || body.find('=') == std::string_view::npos, "a form with a pair can be read");
  fuzz::require(form_decoded(body).size() <= body.size(), "decoding makes nothing longer");
  const std::optional<std::string> id = osmand_form_identifier(body);
  fuzz::require(!id || !id->empty(), "an identifier is not empty");
}

void check_json(std::string_view body) {
  const DecodedBody decoded = decode_osmand_json(body, fuzz::phone_rules);
  fuzz::check_phone(body, decoded);
  const std::optional<std::string> id = osmand_json_identifier(body);
  fuzz::require(!id || !id->empty(), "an identifier is not empty");
  fuzz::require(!id || !decoded.unreadable, "a body that says whose it is can be read");
  if (decoded.messages.size() == 1 && decoded.messages[0].size == body.size()) return;
  fuzz::check_alone(body, decoded, [](std::string_view bytes) {
    const std::string alone = R"({"location":[)" + std::string(bytes) + "]}";
    return decode_osmand_json(alone, fuzz::phone_rules);
  });
  fuzz::check_with_unreadable_value(body,
                                    [](std::string_view text) { return decode_osmand_json(text, fuzz::phone_rules); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_form(fuzz::view(data, size));
  check_json(fuzz::view(data, size));
  return 0;
}
