#include "base/json_writer.h"

#include <algorithm>

#include "base/text.h"

namespace packwalk {
namespace {

bool stands_for_itself(char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; }

}  // namespace

void JsonWriter::grow(std::size_t bytes) {
  constexpr std::size_t least = 512;
  text_.resize(std::max({least, 2 * text_.size(), size_ + bytes}));
}

void JsonWriter::value(JsonSaidMeters meters) {
  if (!meters.value.known()) return value(nullptr);
  value(JsonMeters{said_meters(meters.value.value_or(0))});
}

void JsonWriter::value(std::string_view text) {
  if (!std::all_of(text.begin(), text.end(), stands_for_itself)) {
    return foreign([text](std::string& json) { append_json_string(json, text); });
  }
  char* to = room_for_value(text.size() + 2);
  *to++ = '"';
  std::memcpy(to, text.data(), text.size());
  to[text.size()] = '"';
  size_ += text.size() + 2;
}

}  // namespace packwalk
