#include "replay/mended_gpx.h"

#include <algorithm>
#include <pugixml.hpp>
#include <span>
#include <string>

namespace packwalk::replay {
namespace {

constexpr std::size_t damages_max = 20;
using Names = std::span<const std::string_view>;
constexpr std::string_view point_names[] = {"trkpt", "wpt", "rtept"};
constexpr std::string_view resuming_names[] = {"trkpt", "wpt", "rtept", "trkseg", "trk", "rte"};

/// A start tag: `<trkpt`, `<gpx:trkpt`.
struct Tag {
  std::size_t begin = std::string_view::npos;
  std::string_view name;  // with its prefix
};

bool ends_name(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '>' || c == '/' || c == '\0'; }

/// The start tag whose `<` is at `at`, if it has one of `names`.
Tag tag_at(std::string_view text, Names names, std::size_t at) {
  constexpr std::size_t name_bytes_max = 64;
  const std::string_view rest = text.substr(at + 1, name_bytes_max);
  const auto* const end = std::find_if(rest.begin(), rest.end(), ends_name);
  const std::string_view name = rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
  const std::string_view local = name.substr(name.find(':') + 1);  // npos + 1 is 0
  if (std::find(names.begin(), names.end(), local) == names.end()) return {};
  return {at, name};
}

Tag next_tag(std::string_view text, Names names, std::size_t from) {
  for (std::size_t at = text.find('<', from); at != std::string_view::npos; at = text.find('<', at + 1)) {
    if (const Tag tag = tag_at(text, names, at); tag.begin != std::string_view::npos) return tag;
  }
  return {};
}

Tag last_tag(std::string_view text, Names names, std::size_t before) {
  std::size_t at = text.rfind('<', before);
  while (at != std::string_view::npos) {
    if (const Tag tag = tag_at(text, names, at); tag.begin != std::string_view::npos) return tag;
    at = at == 0 ? std::string_view::npos : text.rfind('<', at - 1);
  }
  return {};
}

/// Whether the point that begins with `tag` ends before `end`.
bool is_whole(std::string_view text, const Tag& tag, std::size_t end) {
  const std::string_view point = text.substr(tag.begin, end - tag.begin);
  const std::size_t closes = point.find('>');
  if (closes == std::string_view::npos) return false;
  if (closes > 0 && point[closes - 1] == '/') return true;
  std::string end_tag = "</";
  return point.find(end_tag.append(tag.name)) != std::string_view::npos;
}

/// Where the tag begins that is not closed before `at`; else `at`.
std::size_t begin_of_tag(std::string_view text, std::size_t at) {
  const std::size_t begin = text.rfind('<', at);
  return begin != std::string_view::npos && text.find('>', begin) >= at ? begin : at;
}

/// The first of the points that are not whole, up to `at`: a quote that is not closed hides the beginning of the next
/// one.
std::size_t begin_of_point(std::string_view text, std::size_t at) {
  constexpr int hidden_max = 3;
  std::size_t begin = std::string_view::npos;
  for (int i = 0; i < hidden_max && at > 0; ++i) {
    const Tag tag = last_tag(text, point_names, at - 1);
    if (tag.begin == std::string_view::npos || is_whole(text, tag, at)) break;
    begin = at = tag.begin;
  }
  return begin;
}

/// What has to go so that the rest may be read, where the text is wrong at `at`.
Damage damage_at(std::string_view text, std::size_t at, const char* what) {
  const std::size_t point = begin_of_point(text, at + 1);
  const bool cuts_point = point != std::string_view::npos;
  const std::size_t begin = cuts_point ? point : begin_of_tag(text, at);
  const Tag next = next_tag(text, resuming_names, cuts_point ? begin + 1 : std::max(at, begin + 1));
  return {begin, std::min(next.begin, text.size()), what};
}

void blank(std::string& text, const Damage& damage) {
  const auto begin = text.begin() + static_cast<std::ptrdiff_t>(damage.begin);
  std::replace_if(
      begin, text.begin() + static_cast<std::ptrdiff_t>(damage.end), [](char c) { return c != '\n'; }, ' ');
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \n") == std::string_view::npos; }

}  // namespace

std::vector<Damage> load_damaged(std::string_view text, pugi::xml_document& document) {
  std::vector<Damage> damages;
  // With another encoding the parser would convert the text, and its offsets be those of what it made of it.
  const auto load = [&document](std::string_view from) {
    return document.load_buffer(from.data(), from.size(), pugi::parse_default, pugi::encoding_utf8);
  };
  pugi::xml_parse_result parsed = load(text);
  if (parsed || text.empty()) return damages;
  std::string mended(text);
  while (!parsed) {
    const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0));
    Damage damage = damage_at(mended, std::min(offset, mended.size() - 1), parsed.description());
    const std::string_view damaged = std::string_view(mended).substr(damage.begin, damage.end - damage.begin);
    if (damages.size() == damages_max || is_blank(damaged)) damage.end = mended.size();
    blank(mended, damage);
    damages.push_back(damage);
    parsed = load(mended);
    if (damage.end == mended.size()) break;  // what stays open at the end is no further damage
  }
  return damages;
}

}  // namespace packwalk::replay
