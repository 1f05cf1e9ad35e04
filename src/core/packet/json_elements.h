// Reads a JSON text in one pass, cuts it into its elements and picks the values at some paths of each.
#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "core/packet/decoded_body.h"
#include "core/packet/element_values.h"

namespace packwalk {

/// What an element that is an object says, given its values in the order of the plan's paths. They end with the call.
using JsonJudge = std::function<Content(std::span<const JsonValue>)>;

/// One message an element; of an element that is no object, a Flaw. A value that is not JSON, but ends where one would
/// (json_mend.h), concerns its element alone. A text that is not JSON otherwise (RFC 8259, at most 16 levels deep) is
/// unreadable as a whole, as nobody can say where its elements end; so is one without the array at `array_key`, and,
/// unless it is only a part of a body, one whose every element is spoilt by such a value.
DecodedBody decode_json_elements(std::string_view body, const JsonPlan& plan, const DecodeRules& rules,
                                 const JsonJudge& judge);

}  // namespace packwalk
