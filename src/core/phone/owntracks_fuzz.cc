// Fuzzes the bodies of OwnTracks.
#include "core/phone/fuzz_phone_rules.h"
#include "core/phone/owntracks.h"

namespace {

using namespace packwalk;

void check_decoder(DecodedBody (*decode)(std::string_view, const PhoneRules&), std::string_view body) {
  const DecodedBody decoded = decode(body, fuzz::phone_rules);
  fuzz::check_phone(body, decoded);
  fuzz::check_alone(body, decoded, [decode](std::string_view bytes) {
    return decode(bytes.empty() ? std::string() : fuzz::as_body(bytes), fuzz::phone_rules);
  });
  fuzz::check_with_unreadable_value(body, [decode](std::string_view text) { return decode(text, fuzz::phone_rules); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check_decoder(decode_owntracks, fuzz::view(data, size));
  check_decoder(decode_owntracks_of_overland, fuzz::view(data, size));
  return 0;
}
