// Reads a JSON text in one pass, cuts it into its elements and picks the values at some paths of each.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "core/packet/decoded_body.h"
#include "core/packet/element_values.h"

namespace packwalk {

/// Decodes an element that is an object, from its values in the order of the plan's paths. The values are valid during
/// the call.
using JsonJudge = std::function<Content(std::span<const JsonValue>)>;

/// One message per element; an element that is not an object becomes a Flaw. A value that is not JSON but has a clear
/// end (json_mend.h) concerns only its element. Any other text that is not JSON (RFC 8259, at most 16 levels deep) is
/// unreadable as a whole, because the ends of its elements are unknown. A text without the array at `array_key` is
/// unreadable too and, unless it is a part of a body, a text in which every element has such a value.
DecodedBody decode_json_elements(std::string_view body, const JsonPlan& plan, const DecodeRules& rules,
                                 const JsonJudge& judge);

}  // namespace packwalk
