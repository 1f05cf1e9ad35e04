#include "core/phone/phone_form.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "core/phone/fix_names.h"
#include "core/phone/osmand.h"

namespace packwalk {
namespace {

constexpr std::string_view blanks = " \t\r\n";

constexpr std::size_t name_bytes_max = 32;  // of those that clients have

/// In which object a name stands: in the outermost one, or in those of the outermost array; in the `location` of that,
/// or in one of an array of that name; in the `coords` of a location.
enum class Where { outermost, location, coords, elsewhere };

/// The names of a JSON text, one after another. Follows strings and brackets only.
class Names {
 public:
  explicit Names(std::string_view text) : text_(text) {}

  /// Nothing at the end.
  std::optional<std::string_view> next() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        const std::string_view string = take_string();
        if (!colon_follows()) continue;
        if (depth_ > 0 && depth_ <= levels_.size()) levels_[depth_ - 1].name = string;
        return string;
      }
      if (c == '{' || c == '[') open(c);
      if ((c == '}' || c == ']') && depth_ > 0) --depth_;
      ++at_;
    }
    return std::nullopt;
  }

  /// The object of the name that came last.
  Where where() const {
    std::size_t level = 0;
    if (is_array(level)) ++level;
    if (is_innermost_object(level)) return Where::outermost;
    if (!is_object(level) || !is_named(level, "location")) return Where::elsewhere;
    if (is_array(++level)) ++level;
    if (is_innermost_object(level)) return Where::location;
    if (!is_object(level) || !is_named(level, "coords")) return Where::elsewhere;
    return is_innermost_object(level + 1) ? Where::coords : Where::elsewhere;
  }

  /// What stands behind the colon of the name that came last, from its first character on.
  std::string_view value() const {
    const std::size_t colon = text_.find(':', at_);
    return text_.substr(std::min(text_.find_first_not_of(blanks, colon + 1), text_.size()));
  }

 private:
  struct Level {
    char bracket = 0;
    std::string_view name;  // of the value that is being read
  };

  void open(char bracket) {
    if (depth_ < levels_.size()) levels_[depth_] = {bracket, {}};
    ++depth_;
  }

  std::string_view take_string() {
    const std::size_t from = ++at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    const std::size_t to = std::min(at_, text_.size());
    at_ = std::min(to + 1, text_.size());
    return text_.substr(from, to - from);
  }

  bool colon_follows() const {
    const std::size_t next = text_.find_first_not_of(blanks, at_);
    return next != std::string_view::npos && text_[next] == ':';
  }

  bool is(std::size_t level, char bracket) const {
    return level < std::min(depth_, levels_.size()) && levels_[level].bracket == bracket;
  }
  bool is_array(std::size_t level) const { return is(level, '['); }
  bool is_object(std::size_t level) const { return is(level, '{'); }
  bool is_innermost_object(std::size_t level) const { return is_object(level) && level + 1 == depth_; }
  bool is_named(std::size_t level, std::string_view name) const {
    return levels_[level].name.size() == name.size() && lower_case(levels_[level].name) == name;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::array<Level, 6> levels_{};  // the outermost
};

bool is_name_of_osmand(std::string_view name) {
  return name == "location" || name == "device_id" || name == "notificationtoken";
}

/// The first character in the array that `value` begins; 0 if it is not an array, is empty, or ends there.
char first_in_array(std::string_view value) {
  if (!value.starts_with('[')) return 0;
  const std::size_t first = value.find_first_not_of(blanks, 1);
  return first == std::string_view::npos || value[first] == ']' ? '\0' : value[first];
}

/// What the names of a JSON text show of OwnTracks and Overland: those that decide, and those by which their apps tell
/// a position. A text of theirs that tells it otherwise is not from them.
class OtherApps {
 public:
  void note(const Names& names, std::string_view name, std::string_view small) {
    const bool outermost = names.where() == Where::outermost;
    has_timestamp_ |= name == "timestamp";
    has_geometry_ |= name == "geometry";
    if (!outermost) return;
    has_type_ |= name == "_type" && !names.value().starts_with("null");
    has_lat_ |= name == "lat";
    has_other_position_ |= names_a_position(small) && name != "lat" && name != "lon";
    if (name != "locations") return;
    has_locations_ = true;
    is_filled_ |= first_in_array(names.value()) != 0;
  }

  bool are_meant() const { return has_type_ || has_locations_; }

  /// Empty if a position would be lost.
  std::optional<Transport> form() const {
    if (has_type_ && (has_lat_ || !has_other_position_)) return Transport::owntracks;
    if (!has_type_ && has_locations_ && (!is_filled_ || (has_geometry_ && has_timestamp_))) return Transport::overland;
    return std::nullopt;
  }

 private:
  bool has_type_ = false;
  bool has_lat_ = false;
  bool has_other_position_ = false;
  bool has_locations_ = false;
  bool is_filled_ = false;
  bool has_geometry_ = false;
  bool has_timestamp_ = false;
};

/// A heartbeat says nothing that nobody knows: it would be a position in some other form.
std::optional<Transport> form_of_json(std::string_view body) {
  bool is_osmand = false;
  bool has_position = false;
  bool has_stranger = false;
  OtherApps others;
  Names names(body);
  while (const auto name = names.next()) {
    const Where where = names.where();
    const std::string small = name->size() > name_bytes_max ? "" : lower_case(*name);
    others.note(names, *name, small);
    if (where == Where::elsewhere) continue;
    const char element = small == "location" ? first_in_array(names.value()) : '\0';
    has_stranger |= element != 0 && element != '{';
    is_osmand |= where == Where::outermost && is_name_of_osmand(small);
    has_position |= names_a_position(small);
    has_stranger |= !is_known_beside_a_position(small);
  }
  if (const auto form = others.form()) return form;
  const bool is_understood = has_position || (is_osmand && !has_stranger && !others.are_meant());
  return is_understood ? std::optional(Transport::osmand_json) : std::nullopt;
}

}  // namespace

bool looks_like_json(std::string_view body) {
  const std::size_t first = body.find_first_not_of(blanks);
  return first != std::string_view::npos && (body[first] == '{' || body[first] == '[');
}

std::optional<Transport> form_of_phone_body(std::string_view body) {
  if (looks_like_json(body)) return form_of_json(body);
  return is_osmand_form(body) ? std::optional(Transport::osmand_form) : std::nullopt;
}

}  // namespace packwalk
