#include "core/packet/json_form.h"

#include <array>
#include <bitset>
#include <optional>
#include <utility>

#define RAPIDJSON_HAS_STDSTRING 1
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "base/text.h"

namespace packwalk {
namespace {

constexpr std::size_t depth_max = 16;
constexpr unsigned parse_flags =
    rapidjson::kParseFullPrecisionFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;

enum Field : std::size_t { type, status, timestamp, lat, lon, altitude, accuracy, activity, steps, field_count };
constexpr std::array<std::string_view, field_count> field_names = {"type",     "status",   "timestamp", "lat",  "lon",
                                                                   "altitude", "accuracy", "activity",  "steps"};

/// The fields of one object, before they are judged.
struct RawObject {
  std::array<double, field_count> numbers{};
  std::array<std::string, 2> texts;  // of `type` and `activity`
  std::bitset<field_count> is_number;
  std::bitset<field_count> is_text;
  std::bitset<field_count> is_other;
  std::optional<Field> twice;

  std::string& text_of(Field field) { return texts[field == type ? 0 : 1]; }
  const std::string& text_of(Field field) const { return texts[field == type ? 0 : 1]; }
  bool given(Field field) const { return is_number[field] || is_text[field] || is_other[field]; }
};

std::string field_name(Field field) { return std::string(field_names[field]); }

/// The first field of `wanted` that is missing or no number.
std::optional<Flaw> flaw_of_numbers(const RawObject& object, std::initializer_list<Field> wanted) {
  for (const Field field : wanted) {
    if (!object.given(field)) return Flaw{field_name(field), "is missing"};
    if (!object.is_number[field]) return Flaw{field_name(field), "is not a number"};
  }
  return std::nullopt;
}

/// A length that may be missing or null.
std::optional<Flaw> flaw_of_length(const RawObject& object, Field field) {
  if (object.is_text[field] || object.is_other[field]) return Flaw{field_name(field), "is not a number"};
  return std::nullopt;
}

MaybeMeters length_of(const RawObject& object, Field field) {
  return object.is_number[field] ? MaybeMeters(object.numbers[field]) : MaybeMeters();
}

Content track_of(const RawObject& object, const TimeWindow& believed) {
  if (auto flaw = flaw_of_numbers(object, {timestamp, lat, lon})) return *std::move(flaw);
  for (const Field field : {altitude, accuracy}) {
    if (auto flaw = flaw_of_length(object, field)) return *std::move(flaw);
  }
  return checked(RawTrack{.status = object.numbers[status],
                          .seconds = object.numbers[timestamp],
                          .latitude = object.numbers[lat],
                          .longitude = object.numbers[lon],
                          .altitude = length_of(object, altitude),
                          .accuracy = length_of(object, accuracy)},
                 believed);
}

Content activity_of(const RawObject& object, const TimeWindow& believed) {
  if (auto flaw = flaw_of_numbers(object, {timestamp, steps})) return *std::move(flaw);
  if (!object.given(activity)) return Flaw{field_name(activity), "is missing"};
  return checked(RawActivity{.status = object.numbers[status],
                             .seconds = object.numbers[timestamp],
                             .activity = object.is_text[activity]     ? activity_from_name(object.text_of(activity))
                                         : object.is_number[activity] ? activity_from_number(object.numbers[activity])
                                                                      : std::nullopt,
                             .steps = object.numbers[steps]},
                 believed);
}

Content content_of(const RawObject& object, const TimeWindow& believed) {
  if (object.twice) return Flaw{field_name(*object.twice), "is given twice"};
  if (object.given(status) && !object.is_number[status]) return Flaw{field_name(status), "is not a number"};
  if (!object.given(type)) return Flaw{field_name(type), "is missing"};
  if (object.is_text[type] && object.text_of(type) == "track") return track_of(object, believed);
  if (object.is_text[type] && object.text_of(type) == "activity") return activity_of(object, believed);
  return Flaw{field_name(type), "is neither track nor activity"};
}

/// Receives the events of the parser, in the order of the text, and cuts it into packets.
/// The iterative parser calls StartX before and EndX at the bracket, and scalars after their last character.
class PacketHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, PacketHandler> {
 public:
  PacketHandler(std::string_view text, const rapidjson::MemoryStream& stream, const DecodeRules& rules,
                DecodedBody& decoded)
      : text_(text), stream_(stream), rules_(rules), decoded_(decoded) {}

  const char* refusal() const { return refusal_; }

  // The names are RapidJSON's.
  // NOLINTBEGIN(readability-identifier-naming)
  bool Null() {
    field_.reset();  // a null field is a missing one
    return depth_ > element_depth() || scalar_element();
  }
  bool Bool(bool) { return other_value(); }
  bool Int(int value) { return number(value); }
  bool Uint(unsigned value) { return number(value); }
  bool Int64(std::int64_t value) { return number(static_cast<double>(value)); }
  bool Uint64(std::uint64_t value) { return number(static_cast<double>(value)); }
  bool Double(double value) { return number(value); }
  bool String(const char* characters, rapidjson::SizeType length, bool) {
    if (depth_ == 0 || in_bare_array()) return scalar_element();
    if (depth_ == field_depth() && field_) {
      if (*field_ == type || *field_ == activity) object_.text_of(*field_).assign(characters, length);
      set(object_.is_text);
    }
    return true;
  }
  bool Key(const char* characters, rapidjson::SizeType length, bool) {
    if (depth_ != field_depth()) return true;
    field_.reset();
    const std::string_view name(characters, length);
    for (std::size_t i = 0; i < field_count; ++i) {
      if (name == field_names[i]) field_ = static_cast<Field>(i);
    }
    if (field_ && object_.given(*field_)) object_.twice = field_;
    return true;
  }
  bool StartObject() { return start(true); }
  bool EndObject(rapidjson::SizeType) { return end(true); }
  bool StartArray() { return start(false); }
  bool EndArray(rapidjson::SizeType) { return end(false); }
  // NOLINTEND(readability-identifier-naming)

 private:
  std::size_t element_depth() const { return in_array_ ? 1 : 0; }
  std::size_t field_depth() const { return element_depth() + 1; }
  bool in_bare_array() const { return in_array_ && depth_ == 1; }

  bool refuse(const char* why) {
    refusal_ = why;
    return false;
  }

  bool start(bool object) {
    if (depth_ == depth_max) return refuse("nested deeper than 16 levels");
    if (depth_ == 0 && !object) {
      in_array_ = true;
      element_end_ = stream_.Tell() + 1;
    } else if (depth_ == element_depth()) {
      element_start_ = stream_.Tell();
      element_is_object_ = object;
      object_ = RawObject();
    } else if (depth_ == field_depth() && element_is_object_) {
      if (field_) set(object_.is_other);
    }
    ++depth_;
    return true;
  }

  bool end(bool object) {
    --depth_;
    if (depth_ != element_depth() || (!object && depth_ == 0)) return true;
    return add(element_start_, stream_.Tell() + 1,
               element_is_object_ ? content_of(object_, rules_.believed) : Content(Flaw{"", "is not an object"}));
  }

  bool number(double value) {
    if (depth_ == 0 || in_bare_array()) return scalar_element();
    if (depth_ == field_depth() && field_) {
      object_.numbers[*field_] = value;
      set(object_.is_number);
    }
    return true;
  }

  bool other_value() {
    if (depth_ == 0 || in_bare_array()) return scalar_element();
    if (depth_ == field_depth() && field_) set(object_.is_other);
    return true;
  }

  void set(std::bitset<field_count>& kind) {
    kind.set(*field_);
    field_.reset();
  }

  /// A number, text or literal where a packet should stand.
  bool scalar_element() {
    std::size_t start = element_end_;
    while (start < text_.size() && std::string_view(" \t\r\n,").find(text_[start]) != std::string_view::npos) ++start;
    return add(start, stream_.Tell(), Flaw{"", "is not an object"});
  }

  bool add(std::size_t from, std::size_t to, Content content) {
    if (decoded_.messages.size() == rules_.packets_max) {
      decoded_.too_many = true;
      return refuse("too many packets");
    }
    decoded_.messages.push_back({from, to - from, std::move(content)});
    element_end_ = to;
    return true;
  }

  std::string_view text_;
  const rapidjson::MemoryStream& stream_;
  const DecodeRules& rules_;
  DecodedBody& decoded_;
  const char* refusal_ = nullptr;
  std::size_t depth_ = 0;
  bool in_array_ = false;
  bool element_is_object_ = false;
  std::size_t element_start_ = 0;
  std::size_t element_end_ = 0;
  std::optional<Field> field_;
  RawObject object_;
};

std::string located(const Unreadable& what) { return what.reason + " at byte " + std::to_string(what.byte_offset); }

}  // namespace

DecodedBody decode_json(std::string_view body, const DecodeRules& rules) {
  DecodedBody decoded;
  rapidjson::MemoryStream stream(body.data(), body.size());
  PacketHandler handler(body, stream, rules, decoded);
  rapidjson::Reader reader;
  const rapidjson::ParseResult parsed = reader.Parse<parse_flags>(stream, handler);
  if (decoded.too_many) return decoded;
  if (parsed.IsError()) {
    decoded.messages.clear();
    const char* reason = handler.refusal() ? handler.refusal() : rapidjson::GetParseError_En(parsed.Code());
    decoded.unreadable = Unreadable{parsed.Offset(), body.empty() ? "the body is empty" : reason};
  } else if (stream.Tell() != body.size()) {  // a NUL ends the parser's text, not ours
    decoded.messages.clear();
    decoded.unreadable = Unreadable{stream.Tell(), "a NUL byte stands after the JSON text"};
  }
  return decoded;
}

DecodedBody decode_ndjson(std::string_view body, const DecodeRules& rules) {
  DecodedBody decoded;
  std::optional<Unreadable> first_fault;
  bool any_read = false;
  for (const auto& [offset, line] : lines_of(body)) {
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (decoded.messages.size() == rules.packets_max) {
      decoded.too_many = true;
      return decoded;
    }
    DecodedBody one = decode_json(line, rules);
    if (one.unreadable) {
      one.unreadable->byte_offset += offset;
      if (!first_fault) first_fault = one.unreadable;
      decoded.messages.push_back({offset, line.size(), Flaw{"", "line is not JSON: " + located(*one.unreadable)}});
    } else if (one.messages.size() != 1 || line[line.find_first_not_of(" \t\r")] == '[') {
      decoded.messages.push_back({offset, line.size(), Flaw{"", "line is not one object"}});
      any_read = true;
    } else {
      decoded.messages.push_back({offset, line.size(), std::move(one.messages[0].content)});
      any_read = true;
    }
  }
  if (!any_read) {
    decoded.messages.clear();
    decoded.unreadable = first_fault ? *first_fault : Unreadable{0, "the body is empty"};
  }
  return decoded;
}

namespace {

void append_length(std::string& json, std::string_view name, MaybeMeters meters) {
  if (!meters.known()) return;
  json.append(",\"").append(name).append("\":");
  append_number(json, meters.value_or(0));
}

void append_header(std::string& json, std::string_view type_name, std::uint8_t status_byte, DeviceTime time) {
  json.append("{\"type\":\"").append(type_name).append("\",\"status\":");
  append_number(json, std::int64_t{status_byte});
  json.append(",\"timestamp\":");
  append_number(json, seconds_since_1970(time));
}

}  // namespace

std::string encode_json(const TrackPacket& packet) {
  std::string json;
  append_header(json, "track", packet.status, packet.timestamp);
  json.append(",\"lat\":");
  append_number(json, packet.position.latitude());
  json.append(",\"lon\":");
  append_number(json, packet.position.longitude());
  append_length(json, "altitude", packet.altitude);
  append_length(json, "accuracy", packet.accuracy);
  return json + "}";
}

std::string encode_json(const ActivityPacket& packet) {
  std::string json;
  append_header(json, "activity", packet.status, packet.timestamp);
  json.append(",\"activity\":\"").append(name_of(packet.activity)).append("\",\"steps\":");
  append_number(json, std::int64_t{packet.steps});
  return json + "}";
}

}  // namespace packwalk
