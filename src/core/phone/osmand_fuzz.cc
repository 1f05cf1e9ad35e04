// Fuzzes both dialects of the OsmAnd protocol, and how a phone's form is known.
#include "base/text.h"
#include "base/typed_text.h"
#include "core/phone/fuzz_phone_rules.h"
#include "core/phone/osmand.h"
#include "core/phone/phone_form.h"

namespace {

using namespace packwalk;

void check_form(std::string_view body) {
  const DecodedBody decoded = decode_osmand_form(body, fuzz::phone_rules);
  fuzz::check_phone(body, decoded);
  fuzz::require(decoded.unreadable || decoded.messages.size() == 1, "a form is one message");
  fuzz::require(!decoded.unreadable || body.find('=') == std::string_view::npos, "a form with a pair can be read");
  fuzz::require(form_decoded(body).size() <= body.size(), "decoding makes nothing longer");
  fuzz::require(!is_osmand_form(body) || !decoded.unreadable, "a form that is known can be read");
}

void check_words(std::string_view body) {
  const std::string plain = with_ascii_digits(body);
  fuzz::require(plain.size() <= body.size() && with_ascii_digits(plain).size() <= plain.size(),
                "digits become shorter");
  const std::string mended = with_plus_before_zone(body);
  fuzz::require(mended.size() == body.size() && with_plus_before_zone(mended) == mended, "a plus is put once");
}

void check_recognition(std::string_view body) {
  const auto form = form_of_phone_body(body);
  fuzz::require(!form || looks_like_json(body) == (form != Transport::osmand_form), "a form is no JSON");
  if (form != Transport::osmand_json || body.find('[') != std::string_view::npos) return;
  const DecodedBody decoded = decode_osmand_json(body, fuzz::phone_rules);
  fuzz::require(decoded.unreadable || decoded.too_many || !decoded.messages.empty(), "what is known says something");
}

/// Weeks are added to a live receiver's time, and the message is read again by them alone.
void check_weeks(std::string_view body) {
  PhoneRules mending = fuzz::phone_rules;
  mending.mends_week_rollover = true;
  const DecodedBody decoded = decode_osmand_form(body, mending);
  if (decoded.messages.empty()) return;
  const auto* track = std::get_if<TrackPacket>(&decoded.messages[0].content);
  if (!track) return;
  fuzz::require(track->weeks_added == 0 || track->weeks_added == 1024 || track->weeks_added == 2048,
                "whole rounds are added");
  PhoneRules again = fuzz::phone_rules;
  again.weeks_added = track->weeks_added;
  const DecodedBody read = decode_osmand_form(body, again);
  fuzz::require(read.messages.size() == 1 && read.messages[0].content == decoded.messages[0].content,
                "it is read as it was");
}

void check_json(std::string_view body) {
  const DecodedBody decoded = decode_osmand_json(body, fuzz::phone_rules);
  fuzz::check_phone(body, decoded);
  const std::optional<std::string> id = osmand_json_identifier(body);
  fuzz::require(!id || !id->empty(), "an identifier is not empty");
  fuzz::require(!id || !decoded.unreadable, "a body that says whose it is can be read");
  if (decoded.messages.size() == 1 && decoded.messages[0].size == trimmed(body).size()) return;  // the one object
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
  check_words(fuzz::view(data, size));
  check_recognition(fuzz::view(data, size));
  check_weeks(fuzz::view(data, size));
  return 0;
}
