// Fuzzes the bodies of OwnTracks.
#include "core/phone/fuzz_phone_rules.h"
#include "core/phone/owntracks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace packwalk;
  const std::string_view body = fuzz::view(data, size);
  const DecodedBody decoded = decode_owntracks(body, fuzz::phone_rules);
  fuzz::check_phone(body, decoded);
  fuzz::check_alone(body, decoded, [](std::string_view bytes) {
    return decode_owntracks(bytes.empty() ? std::string() : fuzz::as_body(bytes), fuzz::phone_rules);
  });
  fuzz::check_with_unreadable_value(body,
                                    [](std::string_view text) { return decode_owntracks(text, fuzz::phone_rules); });
  return 0;
}
