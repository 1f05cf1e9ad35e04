// Fuzzes the JSON form.
#include "core/packet/fuzz_rules.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace packwalk;
  const std::string_view body = fuzz::view(data, size);
  const DecodedBody decoded = decode_json(body, fuzz::rules);
  fuzz::check(body, decoded);
  fuzz::check_alone(body, decoded,
                    [](std::string_view bytes) { return decode_json(fuzz::as_body(bytes), fuzz::part_rules); });
  fuzz::check_with_unreadable_value(body, [](std::string_view text) { return decode_json(text, fuzz::part_rules); });
  return 0;
}
