// Fuzzes the batches of Overland.
#include "core/phone/fuzz_phone_rules.h"
#include "core/phone/overland.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace packwalk;
  const std::string_view body = fuzz::view(data, size);
  const DecodedBody decoded = decode_overland(body, fuzz::phone_rules);
  fuzz::check_phone(body, decoded);
  if (decoded.messages.size() == 1 && decoded.messages[0].size == body.size()) return 0;  // a Heartbeat of the whole
  fuzz::check_alone(body, decoded, [](std::string_view bytes) {
    const std::string alone = R"({"locations":[)" + std::string(bytes) + "]}";
    return decode_overland(alone, fuzz::phone_rules);
  });
  fuzz::check_with_unreadable_value(body,
                                    [](std::string_view text) { return decode_overland(text, fuzz::phone_rules); });
  return 0;
}
