#include "core/packet/json_elements.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/packet/json_mend.h"

namespace packwalk {
namespace {

using Kind = JsonValue::Kind;

constexpr std::size_t depth_max = 16;
// RapidJSON's own conversion of numbers at full precision counts the leading zeros of 0, which is undefined.
constexpr unsigned parse_flags =
    rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;

/// Receives the events of the parser, in the order of the text.
/// The iterative parser calls StartX before and EndX at the bracket, and scalars after their last character.
class ElementHandler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, ElementHandler> {
 public:
  /// `holes` of the text, which was mended.
  ElementHandler(std::string_view text, const rapidjson::MemoryStream& stream, const JsonPlan& plan,
                 const DecodeRules& rules, const JsonJudge& judge, std::span<const Hole> holes)
      : text_(text),
        stream_(stream),
        plan_(plan),
        messages_max_(rules.packets_max),
        judge_(judge),
        holes_(holes),
        values_(plan, rules.decoders) {
    if (plan.array_key.empty()) element_depth_ = 0;
  }

  const char* refusal() const { return refusal_; }
  bool found_array() const { return found_array_; }
  /// Every element is spoilt by a hole in it.
  bool all_spoilt() const { return spoilt_ > 0 && spoilt_ == decoded_.messages.size(); }
  DecodedBody& decoded() { return decoded_; }

  // The names are RapidJSON's.
  // NOLINTBEGIN(readability-identifier-naming)
  bool Null() { return scalar(Kind::missing, ""); }
  bool Bool(bool value) { return scalar(Kind::boolean, value ? "1" : "0"); }
  bool RawNumber(const char* characters, rapidjson::SizeType length, bool) {
    if (const Hole* hole = holes_.empty() ? nullptr : hole_from(stream_.Tell() - length)) return fill(*hole);
    return scalar(Kind::number, std::string_view(characters, length));
  }
  bool String(const char* characters, rapidjson::SizeType length, bool) {
    return scalar(Kind::text, std::string_view(characters, length));
  }
  bool Key(const char* characters, rapidjson::SizeType length, bool) {
    const std::string_view name(characters, length);
    if (in_element()) {
      values_.key(name);
    } else if (depth_ == 1) {
      array_is_next_ = name == plan_.array_key;
    }
    return true;
  }
  bool StartObject() { return start(true); }
  bool EndObject(rapidjson::SizeType) { return end(); }
  bool StartArray() { return start(false); }
  bool EndArray(rapidjson::SizeType) { return end(); }
  // NOLINTEND(readability-identifier-naming)

 private:
  bool at_element() const { return element_depth_ == depth_; }
  bool in_element() const { return element_depth_ && *element_depth_ < depth_; }

  bool refuse(const char* why) {
    refusal_ = why;
    return false;
  }

  bool start(bool object) {
    if (depth_ == depth_max) return refuse("nested deeper than 16 levels");
    if (in_element()) {
      values_.open(object);
    } else if (is_the_object(object)) {
      element_depth_ = depth_;
      begin_element(object);
      found_array_ = true;
    } else if (opens_the_array(object)) {
      element_depth_ = depth_ + 1;
      element_end_ = stream_.Tell() + 1;
      found_array_ = true;
    } else if (at_element()) {
      begin_element(object);
    }
    ++depth_;
    return true;
  }

  void begin_element(bool object) {
    element_start_ = stream_.Tell();
    element_is_object_ = object;
    values_.begin(object);
  }

  bool is_the_object(bool object) const { return object && plan_.takes_object && depth_ == 1 && array_is_next_; }

  bool opens_the_array(bool object) const {
    if (object) return false;
    return plan_.array_key.empty() ? depth_ == 0 : depth_ == 1 && array_is_next_;
  }

  bool end() {
    --depth_;
    if (in_element()) {
      values_.close();
    } else if (at_element()) {
      if (plan_.takes_object && depth_ == 1) element_depth_.reset();
      return add(element_start_, stream_.Tell() + 1, element_is_object_);
    } else if (found_array_ && !plan_.array_key.empty() && element_depth_ == depth_ + 1) {
      element_depth_.reset();
    }
    return true;
  }

  bool scalar(Kind kind, std::string_view text) {
    if (in_element()) {
      values_.value(kind, text);
    } else if (at_element()) {  // where an object should stand
      return add_scalar(stream_.Tell());
    }
    return true;
  }

  bool fill(const Hole& hole) {
    if (in_element()) {
      values_.value(hole.number);
    } else if (at_element()) {
      return add_scalar(hole.from + hole.size);
    }
    return true;
  }

  bool add_scalar(std::size_t to) {
    std::size_t from = element_end_;
    while (std::string_view(" \t\r\n,").find(text_[from]) != std::string_view::npos) ++from;
    return add(from, to, false);
  }

  std::span<const Hole>::iterator first_hole(std::size_t from) const {
    return std::lower_bound(holes_.begin(), holes_.end(), from,
                            [](const Hole& hole, std::size_t offset) { return hole.from < offset; });
  }

  const Hole* hole_from(std::size_t from) const {
    const auto hole = first_hole(from);
    return hole == holes_.end() || hole->from != from ? nullptr : &*hole;
  }

  bool has_hole(std::size_t from, std::size_t to) const {
    return !holes_.empty() &&
           std::any_of(first_hole(from), first_hole(to), [](const Hole& hole) { return std::isnan(hole.number); });
  }

  bool add(std::size_t from, std::size_t to, bool object) {
    if (decoded_.messages.size() == messages_max_) {
      decoded_.too_many = true;
      return refuse("too many packets");
    }
    decoded_.messages.push_back(
        {from, to - from, object ? judge_(values_.all()) : Content(Flaw{"", "is not an object"})});
    const bool is_flaw = std::holds_alternative<Flaw>(decoded_.messages.back().content);
    if (is_flaw && has_hole(from, to)) ++spoilt_;
    element_end_ = to;
    return true;
  }

  std::string_view text_;
  const rapidjson::MemoryStream& stream_;
  const JsonPlan& plan_;
  std::size_t messages_max_;
  const JsonJudge& judge_;
  std::span<const Hole> holes_;
  ElementValues values_;
  DecodedBody decoded_;
  const char* refusal_ = nullptr;
  std::size_t spoilt_ = 0;                    // elements
  std::size_t depth_ = 0;                     // open brackets
  std::optional<std::size_t> element_depth_;  // how many are open where an element stands
  bool array_is_next_ = false;
  bool found_array_ = false;
  bool element_is_object_ = false;
  std::size_t element_start_ = 0;
  std::size_t element_end_ = 0;
};

DecodedBody unreadable(std::size_t byte_offset, std::string reason) {
  DecodedBody decoded;
  decoded.unreadable = Unreadable{byte_offset, std::move(reason)};
  return decoded;
}

std::string reason_of(const Flaw& flaw) { return flaw.field.empty() ? flaw.reason : flaw.field + " " + flaw.reason; }

/// The text of one parse, and what was found wrong with the text before it was mended.
struct Attempt {
  std::string_view text;
  std::span<const Hole> holes;
  std::optional<Unreadable> first_fault;
};

/// RapidJSON's sentence, without its full stop.
std::string reason_of(rapidjson::ParseErrorCode code) {
  std::string reason = rapidjson::GetParseError_En(code);
  if (reason.ends_with('.')) reason.pop_back();
  return reason;
}

DecodedBody decode(const Attempt& attempt, const JsonPlan& plan, const DecodeRules& rules, const JsonJudge& judge) {
  rapidjson::MemoryStream stream(attempt.text.data(), attempt.text.size());
  ElementHandler handler(attempt.text, stream, plan, rules, judge, attempt.holes);
  rapidjson::Reader reader;
  const rapidjson::ParseResult parsed = reader.Parse<parse_flags>(stream, handler);
  if (handler.decoded().too_many) return std::move(handler.decoded());
  if (handler.refusal()) return unreadable(parsed.Offset(), handler.refusal());
  if (parsed.IsError()) {
    const Unreadable fault{parsed.Offset(), reason_of(parsed.Code())};
    if (!attempt.first_fault && rules.decoders == Decoders::now) {
      if (const auto mended = mended_json(attempt.text))
        return decode({mended->text, mended->holes, fault}, plan, rules, judge);
    }
    return unreadable(fault.byte_offset, fault.reason);
  }
  // A NUL ends the parser's text, not ours.
  if (stream.Tell() != attempt.text.size()) return unreadable(stream.Tell(), "a NUL byte stands after the JSON text");
  if (!plan.array_key.empty() && !handler.found_array()) {
    return unreadable(0, "there is no array " + std::string(plan.array_key));
  }
  if (attempt.first_fault && !rules.is_part && handler.all_spoilt()) {
    const std::string why = reason_of(std::get<Flaw>(handler.decoded().messages.front().content));
    return unreadable(attempt.first_fault->byte_offset, why + ": " + attempt.first_fault->reason);
  }
  return std::move(handler.decoded());
}

}  // namespace

DecodedBody decode_json_elements(std::string_view body, const JsonPlan& plan, const DecodeRules& rules,
                                 const JsonJudge& judge) {
  if (body.empty()) return unreadable(0, "the body is empty");
  return decode({body, {}, std::nullopt}, plan, rules, judge);
}

}  // namespace packwalk
