// Writes JSON value by value (docs/decisions/json-by-rapidjson.md). No other code writes commas, quotes or escapes.
#pragma once

#include <concepts>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/iso_bytes.h"
#include "base/number_bytes.h"
#include "base/units.h"

namespace packwalk {

/// The name of a member: a literal that needs no escapes, which the compiler checks.
class JsonName {
 public:
  template <std::size_t size>
  consteval JsonName(const char (&literal)[size])  // NOLINT(google-explicit-constructor)
      : text_(literal, size - 1) {
    for (const char c : text_) {
      if (c < ' ' || c > '~' || c == '"' || c == '\\') throw "this name needs escapes";
    }
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

/// Degrees with 7 decimals (11 mm), metres with 2; both finite.
struct JsonDegrees {
  double value;
};
struct JsonMeters {
  double value;
};
/// Metres of a packet, in the form of append_told_meters() of base/text; null if unknown.
struct JsonSaidMeters {
  MaybeMeters value;
};

/// Appends to a text that it owns. Does not check that every begin has its end; object() and array() ensure that.
class JsonWriter {
 public:
  /// `bytes` is the expected size of the text.
  explicit JsonWriter(std::size_t bytes = 0) : text_(bytes, '\0') {}

  /// An object or array whose content `write` adds.
  template <std::invocable Write>
  void object(const Write& write) {
    begin_object();
    write();
    end_object();
  }
  template <std::invocable Write>
  void array(const Write& write) {
    begin_array();
    write();
    end_array();
  }

  /// For content that is written piece by piece.
  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }

  void value(std::same_as<bool> auto value) { literal(value ? "true" : "false"); }
  void value(std::integral auto value) requires(!std::same_as<decltype(value), bool>) {
    size_ = size_of(put_number(room_for_value(number_bytes_max), static_cast<std::int64_t>(value)));
  }
  void value(double value) { size_ = size_of(put_number(room_for_value(number_bytes_max), value)); }
  void value(JsonDegrees degrees) { size_ = size_of(put_fixed<7>(room_for_value(number_bytes_max), degrees.value)); }
  void value(JsonMeters meters) { size_ = size_of(put_fixed<2>(room_for_value(number_bytes_max), meters.value)); }
  void value(JsonSaidMeters meters);
  /// ISO 8601 in UTC.
  void value(DeviceTime time) { time_value(time); }
  void value(ServerTime time) { time_value(time); }
  /// Replaces bytes that are not UTF-8 by U+FFFD.
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(std::nullptr_t) { literal("null"); }
  template <class Value>
  void value(const std::optional<Value>& maybe) {
    maybe ? value(*maybe) : value(nullptr);
  }
  /// One value that `write` appends to the text, for JSON from other code.
  template <std::invocable<std::string&> Write>
  void foreign(const Write& write) {
    room_for_value(0);
    text_.resize(size_);
    write(text_);
    size_ = text_.size();
  }

  /// Members of the open object.
  template <class Value>
  void member(JsonName name, const Value& of_name) {
    begin_member(name);
    value(of_name);
  }
  template <std::invocable Write>
  void object(JsonName name, const Write& write) {
    begin_member(name);
    object(write);
  }
  template <std::invocable Write>
  void array(JsonName name, const Write& write) {
    begin_member(name);
    array(write);
  }
  void begin_member(JsonName name) { put_name(name.text()); }
  /// The same for a name that is not a literal. Its value must follow.
  void begin_member_named(std::string_view name) {
    value(name);
    *room(1) = ':';
    ++size_;
    needs_comma_ = false;
  }

  /// A line end, for human readers.
  void new_line() {
    *room(1) = '\n';
    ++size_;
  }

  /// Takes the text so far; more may follow.
  std::string take() {
    text_.resize(size_);
    size_ = 0;
    return std::exchange(text_, {});
  }

 private:
  char* room(std::size_t bytes) {
    if (text_.size() - size_ < bytes) grow(bytes);
    return text_.data() + size_;
  }
  void grow(std::size_t bytes);
  std::size_t size_of(const char* end) const { return static_cast<std::size_t>(end - text_.data()); }

  /// Space for a value of this size, after a comma if necessary.
  char* room_for_value(std::size_t bytes) {
    char* to = room(bytes + 1);
    if (needs_comma_) *to++ = ',';
    size_ = size_of(to);
    needs_comma_ = true;
    return to;
  }
  template <class Time>
  void time_value(Time time) {
    char* to = room_for_value(iso_bytes_max + 2);
    *to++ = '"';
    to = put_iso(to, time);
    *to++ = '"';
    size_ = size_of(to);
  }
  void begin(char bracket) {
    *room_for_value(1) = bracket;
    ++size_;
    needs_comma_ = false;
  }
  void end(char bracket) {
    *room(1) = bracket;
    ++size_;
    needs_comma_ = true;
  }
  void literal(std::string_view text) {
    std::memcpy(room_for_value(text.size()), text.data(), text.size());
    size_ += text.size();
  }
  void put_name(std::string_view name) {
    char* to = room(name.size() + 4);
    if (needs_comma_) *to++ = ',';
    *to++ = '"';
    std::memcpy(to, name.data(), name.size());
    to += name.size();
    *to++ = '"';
    *to++ = ':';
    size_ = size_of(to);
    needs_comma_ = false;
  }

  std::string text_;      // its size is the capacity
  std::size_t size_ = 0;  // of the written text
  bool needs_comma_ = false;
};

}  // namespace packwalk
