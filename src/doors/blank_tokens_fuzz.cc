// Fuzzes the blanking of tokens beside what the decoders read in the same body.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/text.h"
#include "base/token.h"
#include "core/packet/json_mend.h"
#include "core/phone/fuzz_phone_rules.h"
#include "core/phone/osmand.h"
#include "doors/blank_tokens.h"
#include "doors/phone_token.h"

namespace {

using namespace packwalk;

bool has_token(std::string_view text) {
  for (std::size_t at = 0; at + token_size <= text.size(); ++at) {
    if (is_token(text.substr(at, token_size))) return true;
  }
  return false;
}

/// The characters below 128 of UTF-16 whose units begin at even or odd places, and with either order of its bytes.
bool has_token_in_utf16(std::string_view text) {
  for (std::size_t first = 0; first < 2; ++first) {
    std::string characters;
    for (std::size_t at = first; at < text.size(); at += 2) {
      characters.push_back(text[at]);
      if (at + 1 < text.size() && text[at + 1] != '\0') characters.push_back(' ');
    }
    if (has_token(characters)) return true;
  }
  return false;
}

bool says_token(const std::optional<std::string>& identifier) { return identifier && is_token(*identifier); }

void check_blanked(std::string_view body, const std::string& blanked, bool any) {
  fuzz::require(blanked.size() == body.size(), "blanking keeps offsets");
  bool changed = false;
  for (std::size_t i = 0; i < body.size(); ++i) {
    fuzz::require(blanked[i] == body[i] || blanked[i] == '*', "blanking writes asterisks");
    changed = changed || blanked[i] != body[i];
  }
  fuzz::require(changed == any, "blanking says whether there was a token");
  std::string again = blanked;
  fuzz::require(!blank_tokens(again) && again == blanked, "blanking leaves nothing to blank");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body = fuzz::view(data, size);
  std::string blanked(body);
  check_blanked(body, blanked, blank_tokens(blanked));
  fuzz::require(!has_token(blanked) && !has_token(form_decoded(blanked)), "blanking leaves no token, plain or escaped");
  fuzz::require(!has_token_in_utf16(blanked), "blanking leaves no token in UTF-16");
  fuzz::require(!is_token(token_among_parameters(blanked)), "no form says a token");
  fuzz::require(!says_token(osmand_json_identifier(blanked)), "no JSON says a token");
  const bool is_json = !decode_osmand_json(body, fuzz::phone_rules).unreadable && !mended_json(body);
  fuzz::require(!is_json || (!decode_osmand_json(blanked, fuzz::phone_rules).unreadable && !mended_json(blanked)),
                "what is JSON stays JSON");
  return 0;
}
