#include "core/phone/phone_form.h"

#include <algorithm>

#include "core/phone/osmand.h"

namespace packwalk {
namespace {

constexpr std::string_view blanks = " \t\r\n";

/// The names of a JSON text, one after another, that stand where a client's form shows. Follows strings and brackets
/// only.
class OuterNames {
 public:
  explicit OuterNames(std::string_view text) : text_(text) {
    const std::size_t first = text.find_first_not_of(blanks);
    depth_of_names_ = first != std::string_view::npos && text[first] == '[' ? 2 : 1;
  }

  std::optional<std::string_view> next() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        const std::string_view string = take_string();
        if (depth_ == depth_of_names_ && colon_follows()) return string;
        continue;
      }
      if (c == '{' || c == '[') ++depth_;
      if ((c == '}' || c == ']') && depth_ > 0) --depth_;
      ++at_;
    }
    return std::nullopt;
  }

 private:
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

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t depth_of_names_ = 1;
};

std::optional<Transport> form_of_json(std::string_view body) {
  std::optional<Transport> form;
  OuterNames names(body);
  while (const auto name = names.next()) {
    if (*name == "_type") return Transport::owntracks;
    if (*name == "locations") return Transport::overland;
    if (*name == "location" || *name == "device_id" || *name == "notificationToken") form = Transport::osmand_json;
  }
  return form;
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
