// An object of JSON for whoever reads the output of a command by program.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"

namespace packwalk {

/// Member by member; names need no escapes.
class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view value) {
    append_json_string(begin(name), value);
    return *this;
  }
  JsonObject& add(std::string_view name, const char* value) { return add(name, std::string_view(value)); }
  JsonObject& add(std::string_view name, const std::string& value) { return add(name, std::string_view(value)); }
  JsonObject& add(std::string_view name, std::same_as<bool> auto value) {
    return add_raw(name, value ? "true" : "false");
  }
  JsonObject& add(std::string_view name, std::integral auto value) requires(!std::same_as<decltype(value), bool>) {
    append_number(begin(name), static_cast<std::int64_t>(value));
    return *this;
  }
  JsonObject& add(std::string_view name, double value) {
    append_number(begin(name), value);
    return *this;
  }
  /// null for nothing.
  template <class Value>
  JsonObject& add(std::string_view name, const std::optional<Value>& value) {
    return value ? add(name, *value) : add_raw(name, "null");
  }
  /// A value that is JSON already.
  JsonObject& add_raw(std::string_view name, std::string_view json) {
    begin(name).append(json);
    return *this;
  }

  std::string text() const { return text_ + "}"; }

 private:
  std::string& begin(std::string_view name) {
    if (text_.size() > 1) text_.push_back(',');
    return text_.append("\"").append(name).append("\":");
  }

  std::string text_ = "{";
};

/// An array of JSON, an item on each line.
class JsonArray {
 public:
  /// What stands before the next item.
  std::string_view next() { return std::exchange(is_first_, false) ? "[\n" : ",\n"; }
  /// What stands at the end.
  std::string_view end() const { return is_first_ ? "[]\n" : "\n]\n"; }

 private:
  bool is_first_ = true;
};

}  // namespace packwalk
