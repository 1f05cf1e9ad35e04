// The values that an element of a JSON text has at some paths.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "core/packet/decoded_body.h"
#include "core/packet/json_mend.h"

namespace packwalk {

/// The value at one path of an element. A null counts as missing.
struct JsonValue {
  enum class Kind : std::uint8_t { missing, number, text, boolean, object, array };

  Kind kind = Kind::missing;
  bool twice = false;  // the path is given more than once; this is the last value
  double number = 0;   // if `kind` is number; NaN if it is unreadable (NaN, 1e999, 08.1); 0 or 1 for a boolean
  std::string text;    // when `kind` is text: UTF-8

  bool given() const { return kind != Kind::missing; }
};

struct JsonPlan {
  /// The root's key whose array holds the elements. "": the root is the one element, or the array of them.
  std::string_view array_key;
  /// Paths from an element down, such as `geometry.coordinates[0]`; a key that holds `.` or `[` cannot be named.
  std::span<const std::string_view> paths;
  /// An object at that key is the one element.
  bool takes_object = false;
  /// Keys may have any letters; those of `paths` have small ones.
  bool any_case = false;
};

/// `text` is a JSON number. The first decoders knew none that is too small for a double.
inline double double_of(std::string_view text, Decoders decoders) {
  if (const auto number = number_from<double>(text)) return *number;
  return decoders == Decoders::now ? double_of_json(text) : std::numeric_limits<double>::quiet_NaN();
}

/// Collects the values at the wanted paths of the current element, from the events of a parser.
class ElementValues {
 public:
  using Kind = JsonValue::Kind;

  ElementValues(const JsonPlan& plan, Decoders decoders)
      : paths_(plan.paths), any_case_(plan.any_case), decoders_(decoders), values_(plan.paths.size()) {}

  std::span<const JsonValue> all() const { return values_; }

  void begin(bool object) {
    for (JsonValue& value : values_) {
      value.kind = Kind::missing;
      value.twice = false;
    }
    path_.clear();
    levels_.assign(1, Level{0, object ? is_object : 0});
  }

  void key(std::string_view name) {
    path_.resize(levels_.back().path_size);
    if (!path_.empty()) path_.push_back('.');
    if (!can_be_named(name)) {
      path_.append("[");  // is in no path
    } else if (any_case_) {
      path_.append(lower_case(name));
    } else {
      path_.append(name);
    }
  }

  /// `text` of a text, of a number that the text before it was mended has not, or 0 or 1 of a boolean.
  void value(Kind kind, std::string_view text) {
    if (JsonValue* wanted = next_value()) {
      const bool has_number = kind == Kind::number || kind == Kind::boolean;
      put(*wanted, kind, has_number ? double_of(text, decoders_) : 0, kind == Kind::text ? text : "");
    }
  }
  void value(double number) {
    if (JsonValue* wanted = next_value()) put(*wanted, Kind::number, number, "");
  }

  void open(bool object) {
    value(object ? Kind::object : Kind::array, "");
    levels_.push_back({path_.size(), object ? is_object : 0});
  }

  void close() { levels_.pop_back(); }

 private:
  static constexpr std::size_t is_object = static_cast<std::size_t>(-1);
  struct Level {
    std::size_t path_size;
    std::size_t next_index;  // of an array; `is_object` for an object
  };

  static void put(JsonValue& value, Kind kind, double number, std::string_view text) {
    if (value.given()) value.twice = true;
    value.kind = kind;
    value.number = number;
    value.text = text;
  }

  /// Members of an object with an empty name would look like its siblings.
  bool can_be_named(std::string_view name) const {
    if (name.empty()) return decoders_ == Decoders::first;
    return name.find_first_of(".[") == std::string_view::npos;
  }

  /// The slot for the next value, if it is wanted.
  JsonValue* next_value() {
    Level& level = levels_.back();
    if (level.next_index != is_object) {
      path_.resize(level.path_size);
      path_.push_back('[');
      append_number(path_, static_cast<std::int64_t>(level.next_index++));
      path_.push_back(']');
    }
    const auto path = std::find(paths_.begin(), paths_.end(), path_);
    return path == paths_.end() ? nullptr : &values_[static_cast<std::size_t>(path - paths_.begin())];
  }

  std::span<const std::string_view> paths_;
  const bool any_case_;
  const Decoders decoders_;
  std::vector<JsonValue> values_;
  std::string path_;
  std::vector<Level> levels_;
};

}  // namespace packwalk
