// JSON for whoever reads the output of a command by program: objects, and arrays with an object on each line.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"

namespace packwalk {

/// An object whose members `write` adds to the JsonWriter that it is given.
template <std::invocable<JsonWriter&> Write>
std::string json_object(const Write& write) {
  JsonWriter json;
  json.object([&] { write(json); });
  return json.take();
}

/// An array, printed item by item.
class JsonLines {
 public:
  /// What stands before the next item.
  std::string_view next() { return std::exchange(is_first_, false) ? "[\n" : ",\n"; }
  /// What stands at the end.
  std::string_view end() const { return is_first_ ? "[]\n" : "\n]\n"; }

 private:
  bool is_first_ = true;
};

}  // namespace packwalk
