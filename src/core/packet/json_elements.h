// Reads a JSON text in one pass, cuts it into its elements and picks the values at some places of each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "core/packet/decoded_body.h"

namespace packwalk {

/// What stands at one place of an element. A null is as good as nothing.
struct JsonValue {
  enum class Kind : std::uint8_t { missing, number, text, boolean, object, array };

  Kind kind = Kind::missing;
  bool twice = false;  // the place is given more than once; what is told is the last
  double number = 0;   // when `kind` is number; not a number when nobody can read it (NaN, 1e999, 08.1). 0 or 1 of
                       // a boolean
  std::string text;    // when `kind` is text: UTF-8

  bool given() const { return kind != Kind::missing; }
};

struct JsonPlan {
  /// The root's key whose array holds the elements. "": the root is the one element, or the array of them.
  std::string_view array_key;
  /// Paths from an element down, such as `geometry.coordinates[0]`; a key that holds `.` or `[` cannot be named.
  std::span<const std::string_view> places;
  /// An object at that key is the one element.
  bool takes_object = false;
  /// Keys may have any letters; those of `places` have small ones.
  bool any_case = false;
};

/// What an element that is an object says, given its values in the order of the plan's places. They end with the call.
using JsonJudge = std::function<Content(std::span<const JsonValue>)>;

/// One message an element; of an element that is no object, a Flaw. A value that is not JSON, but ends where one would
/// (json_mend.h), concerns its element alone. A text that is not JSON otherwise (RFC 8259, at most 16 levels deep) is
/// unreadable as a whole, as nobody can say where its elements end; so is one without the array at `array_key`, and,
/// unless it is only a part of a body, one whose every element is spoilt by such a value.
DecodedBody decode_json_elements(std::string_view body, const JsonPlan& plan, const DecodeRules& rules,
                                 const JsonJudge& judge);

}  // namespace packwalk
