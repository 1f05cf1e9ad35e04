#include "replay/visibility.h"

#include <string>

#include "base/text.h"
#include "replay/field_values.h"

namespace packwalk::replay {
namespace {

constexpr std::string_view noes[] = {
    "false", "f",    "no",  "n",     "no fix", "nofix", "invalid",   "v",     "void", "none",   "falsch",
    "nein",  "faux", "non", "falso", "onwaar", "nee",   "not valid", "falsk", "nej",  "no_fix", "fa\xC5\x82sz"};
constexpr std::string_view yeses[] = {"true",   "t",    "yes",       "y",          "fix",  "valid", "a",
                                      "active", "2d",   "3d",        "dgps",       "ok",   "rtk",   "wahr",
                                      "ja",     "j",    "vrai",      "oui",        "vero", "si",    "s\xC3\xAD",
                                      "sim",    "waar", "verdadero", "verdadeiro", "sand", "sant",  "prawda"};

}  // namespace

Visibility visibility_from(std::string_view field) {
  const std::string word = lower_case(trimmed(field));
  if (is_among(word, noes)) return Visibility::not_visible;
  if (is_missing(word)) return Visibility::not_told;
  if (is_among(word, yeses)) return Visibility::visible;
  const auto number = finite_number_from(word);
  if (!number || *number < 0) return Visibility::not_understood;
  return *number > 0 ? Visibility::visible : Visibility::not_visible;
}

}  // namespace packwalk::replay
