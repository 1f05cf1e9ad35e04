#include "replay/mended_gpx.h"

#include <algorithm>
#include <pugixml.hpp>
#include <span>
#include <string>
#include <utility>

namespace packwalk::replay {
namespace {

constexpr std::size_t damages_max = 20;  // for each of which all of the text is read again
using Names = std::span<const std::string_view>;
constexpr std::string_view point_names[] = {"trkpt", "wpt", "rtept"};
constexpr std::string_view track_point_names[] = {"trkpt"};
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

/// Where the point ends that begins with `tag`; npos where that is not before `limit`.
std::size_t end_of_point(std::string_view text, const Tag& tag, std::size_t limit) {
  const std::string_view point = text.substr(tag.begin, limit - tag.begin);
  const std::size_t closes = point.find('>');
  if (closes == std::string_view::npos) return closes;
  if (closes > 0 && point[closes - 1] == '/') return tag.begin + closes + 1;
  std::string end_tag = "</";
  const std::size_t end = point.find('>', point.find(end_tag.append(tag.name)));
  return end == std::string_view::npos ? end : tag.begin + end + 1;
}

bool is_whole(std::string_view text, const Tag& tag, std::size_t limit) {
  return end_of_point(text, tag, limit) != std::string_view::npos;
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
  return {begin, std::min(next.begin, text.size()), what, {}};
}

// With another encoding the parser would convert the text, and its offsets be those of what it made of it.
pugi::xml_parse_result load(std::string_view text, pugi::xml_document& document) {
  return document.load_buffer(text.data(), text.size(), pugi::parse_default, pugi::encoding_utf8);
}

/// The points from `from` on that are no XML by themselves.
std::vector<Damage> damaged_points(std::string_view text, std::size_t from) {
  std::vector<Damage> damages;
  pugi::xml_document document;
  for (Tag tag = next_tag(text, point_names, from); tag.begin != std::string_view::npos;) {
    const Tag next = next_tag(text, point_names, tag.begin + 1);
    const std::size_t end = end_of_point(text, tag, std::min(next.begin, text.size()));
    if (end == std::string_view::npos) {
      const Tag resuming = next_tag(text, resuming_names, tag.begin + 1);
      damages.push_back({tag.begin, std::min(resuming.begin, text.size()), "a point does not end", {}});
    } else if (const auto parsed = load(text.substr(tag.begin, end - tag.begin), document); !parsed) {
      damages.push_back({tag.begin, end, parsed.description(), {}});
    }
    tag = next;
  }
  return damages;
}

/// Fills in `damage.points` before it is blanked.
void count_points(std::string_view text, Damage& damage) {
  Tag tag = next_tag(text, track_point_names, damage.begin);
  if (damage.end == text.size() && tag.begin == damage.begin) tag = next_tag(text, track_point_names, tag.begin + 1);
  for (; tag.begin < damage.end; tag = next_tag(text, track_point_names, tag.begin + 1)) {
    damage.points.push_back(tag.begin);
  }
}

/// Points of which nothing but zeros are left, by the size of those that can be read. At the end of a file zeros are
/// room that was never used.
void count_zeros(std::string_view text, pugi::xml_document& document, std::vector<Damage>& damages) {
  struct Points : pugi::xml_tree_walker {
    bool for_each(pugi::xml_node& node) override {
      count += std::string_view(node.name()).ends_with("trkpt") ? 1 : 0;
      return true;
    }
    std::size_t count = 0;
  } points;
  document.traverse(points);
  if (points.count == 0) return;
  const auto zeros_in = [text](const Damage& damage) {
    const std::string_view bytes = text.substr(damage.begin, damage.end - damage.begin);
    return damage.end == text.size() ? 0 : static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\0'));
  };
  std::size_t others = text.size();
  for (const Damage& damage : damages) others -= std::min(others, damage.end - damage.begin);
  const std::size_t size = others / points.count + 1;
  for (Damage& damage : damages) damage.points.insert(damage.points.begin(), zeros_in(damage) / size, damage.begin);
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
  pugi::xml_parse_result parsed = load(text, document);
  if (parsed || text.empty()) return damages;
  std::string mended(text);
  const auto leave_out = [&](Damage damage) {
    count_points(mended, damage);
    blank(mended, damage);
    damages.push_back(std::move(damage));
  };
  bool points_are_read = false;
  for (std::size_t left = damages_max; !parsed;) {
    const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0));
    Damage damage = damage_at(mended, std::min(offset, mended.size() - 1), parsed.description());
    if (left == 0 && !points_are_read) {
      points_are_read = true;
      left = damages_max;
      for (Damage& point : damaged_points(mended, damage.begin)) leave_out(std::move(point));
      parsed = load(mended, document);
      continue;
    }
    const std::string_view damaged = std::string_view(mended).substr(damage.begin, damage.end - damage.begin);
    if (left == 0 || is_blank(damaged)) damage.end = mended.size();
    const bool is_last = damage.end == mended.size();
    leave_out(std::move(damage));
    parsed = load(mended, document);
    if (is_last) break;  // what stays open at the end is no further damage
    --left;
  }
  std::sort(damages.begin(), damages.end(), [](const Damage& a, const Damage& b) { return a.begin < b.begin; });
  count_zeros(text, document, damages);
  return damages;
}

}  // namespace packwalk::replay
