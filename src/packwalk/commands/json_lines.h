// JSON output of commands: objects, and arrays with one object per line.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"

namespace packwalk {

/// An object. `write` adds its members to a JsonWriter.
template <std::invocable<JsonWriter&> Write>
std::string json_object(const Write& write) {
  JsonWriter json;
  json.object([&] { write(json); });
  return json.take();
}

/// An array, printed item by item.
class JsonLines {
 public:
  /// The text before the next item.
  std::string_view next() { return std::exchange(is_first_, false) ? "[\n" : ",\n"; }
  /// The text after the last item.
  std::string_view end() const { return is_first_ ? "[]\n" : "\n]\n"; }

 private:
  bool is_first_ = true;
};

}  // namespace packwalk
