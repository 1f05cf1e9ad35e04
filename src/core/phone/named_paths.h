// The paths in a JSON object at which clients write a fix.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/packet/json_elements.h"
#include "core/phone/fix_names.h"

namespace packwalk {

/// Whether to read a value under one of `other_fix_names`. A time needs a date: a clock alone is not read, nor a number
/// below 1e8, which may be a clock (125531).
bool may_stand_in(FixPart part, const JsonValue& value);

class NamedPaths {
 public:
  /// `objects` in which a fix may be told, each as a path with its dot, in the order in which they count: "" is the
  /// element itself. `more`: paths of other values that are wanted, in small letters.
  NamedPaths(std::initializer_list<std::string_view> objects, std::span<const std::string_view> more);
  NamedPaths(const NamedPaths&) = delete;  // it has views of itself
  NamedPaths& operator=(const NamedPaths&) = delete;

  JsonPlan plan(std::string_view array_key) const;

  static constexpr std::size_t first_of_more = fix_part_count;
  /// For each part of a fix the first value that is given and can be read; and the first of `more`. `values` of plan().
  std::array<JsonValue, fix_part_count + 1> chosen(std::span<const JsonValue> values) const;
  /// The values of `more`, in its order.
  std::span<const JsonValue> more(std::span<const JsonValue> values) const { return values.subspan(parts_.size()); }

 private:
  struct Part {
    FixPart part{};
    bool is_own = false;  // of `own_fix_names`
  };

  std::vector<Part> parts_;
  std::vector<std::string> paths_;  // of those, and then of `more`
  std::vector<std::string_view> views_;
};

}  // namespace packwalk
