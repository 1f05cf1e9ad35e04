#include "replay/gpx_recording.h"

#include <algorithm>
#include <optional>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <utility>

#include "base/text.h"
#include "replay/field_values.h"
#include "replay/mended_gpx.h"
#include "replay/utf8_text.h"

namespace packwalk::replay {
namespace {

constexpr int extensions_depth_max = 4;

/// `gpx:trkpt` is `trkpt` too.
std::string_view local_name(const pugi::xml_node& node) {
  std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  if (colon != std::string_view::npos) name.remove_prefix(colon + 1);
  return name;
}

std::string_view child_text(const pugi::xml_node& node, std::string_view name) {
  for (const pugi::xml_node& child : node.children()) {
    if (local_name(child) == name) return trimmed(child.child_value());
  }
  return {};
}

/// What `node` says about its accuracy, in itself or in what apps add to it.
std::string_view accuracy_in(const pugi::xml_node& node, int depth) {
  for (const pugi::xml_node& child : node.children()) {
    const std::string name = lower_case(local_name(child));
    if (name == "accuracy" || name == "hacc" || name == "horizontal_accuracy" || name == "horizontalaccuracy") {
      return trimmed(child.child_value());
    }
    if (depth == 0 || child.type() != pugi::node_element) continue;
    if (const std::string_view deeper = accuracy_in(child, depth - 1); !deeper.empty()) return deeper;
  }
  return {};
}

std::optional<std::string> read_degrees(const pugi::xml_node& point, const char* name, Axis axis, double& degrees) {
  const char* text = point.attribute(name).value();
  const auto read = degrees_from(text, axis);
  if (!read) return std::string(name) + (is_missing(text) ? " is missing" : " cannot be read: " + printable(text));
  degrees = *read;
  return std::nullopt;
}

std::optional<std::string> read_point(const pugi::xml_node& point, const TimeSpelling& times, RawTrack& packet) {
  if (auto trouble = read_degrees(point, "lat", Axis::latitude, packet.latitude)) return trouble;
  if (auto trouble = read_degrees(point, "lon", Axis::longitude, packet.longitude)) return trouble;
  const std::string_view text = child_text(point, "time");
  if (text.empty()) return "time is missing";
  const auto time = time_in(text, times);
  if (!time) return "time cannot be read: " + printable(text);
  packet.seconds = static_cast<double>(seconds_since_1970(*time));
  packet.altitude = meters_from(child_text(point, "ele"));
  packet.accuracy = meters_from(accuracy_in(point, extensions_depth_max));
  if (!packet.accuracy.known()) packet.accuracy = accuracy_of_hdop(child_text(point, "hdop"));
  return std::nullopt;
}

/// Goes through a document once before its points are read.
class Survey : public pugi::xml_tree_walker {
 public:
  bool for_each(pugi::xml_node& node) override {
    const std::string_view name = local_name(node);
    if (name == "trk") track_name_ = child_text(node, "name");
    if (name == "trkpt") {
      ++track_points;
      if (!track_name_.empty()) track_names.insert(track_name_);
    }
    if (name == "wpt") ++waypoints;
    if (name == "rtept") ++route_points;
    return true;
  }

  std::set<std::string_view> track_names;  // of tracks that have points
  std::size_t track_points = 0;
  std::size_t waypoints = 0;
  std::size_t route_points = 0;

 private:
  std::string_view track_name_;
};

/// "1 waypoint", "2 waypoints and 1 point of a route"
std::string text_of_others(const Survey& survey) {
  std::string text;
  if (survey.waypoints > 0) text = counted(static_cast<std::int64_t>(survey.waypoints), "waypoint");
  if (survey.route_points > 0) {
    const auto points = static_cast<std::int64_t>(survey.route_points);
    text.append(text.empty() ? "" : " and ").append(counted(points, "point of a route", "points of routes"));
  }
  return text;
}

/// Counts the lines of a text up to offsets that never become smaller.
class LineCounter {
 public:
  explicit LineCounter(std::string_view text) : text_(text) {}

  std::size_t line_at(std::size_t offset) {
    const std::string_view passed = text_.substr(counted_, offset - std::min(counted_, offset));
    line_ += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
    counted_ += passed.size();
    return line_;
  }

 private:
  std::string_view text_;
  std::size_t counted_ = 0;
  std::size_t line_ = 1;
};

/// Visits the points in the order of the text.
class PointReader : public pugi::xml_tree_walker {
 public:
  PointReader(std::string_view text, const ReadRules& rules, bool device_by_track, const TakeRow& take,
              const TakeUnreadable& unreadable)
      : rules_(rules), device_by_track_(device_by_track), take_(take), unreadable_(unreadable), lines_(text) {}

  bool for_each(pugi::xml_node& node) override {
    const std::string_view name = local_name(node);
    if (name == "trk") track_name_ = child_text(node, "name");
    const bool of_track = name == "trkpt";
    if (!of_track && !(rules_.waypoints && (name == "wpt" || name == "rtept"))) return true;
    if (!of_track && child_text(node, "time").empty()) {
      ++without_time;
      return true;
    }
    ++read;
    const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, node.offset_debug()));
    const std::size_t line = lines_.line_at(offset);
    RawTrack packet;
    if (auto trouble = read_point(node, rules_.times, packet)) {
      unreadable_({line, *std::move(trouble)});
    } else {
      take_(device_of(of_track), line, packet);
    }
    return true;
  }

  std::size_t read = 0;
  std::size_t without_time = 0;  // waypoints and points of routes

 private:
  std::string_view device_of(bool of_track) const {
    if (!rules_.device.empty()) return rules_.device;
    return of_track && device_by_track_ && !track_name_.empty() ? track_name_ : rules_.file_device;
  }

  const ReadRules& rules_;
  const bool device_by_track_;
  const TakeRow& take_;
  const TakeUnreadable& unreadable_;
  LineCounter lines_;
  std::string_view track_name_;
};

void warn_of_damage(std::string_view text, const std::vector<Damage>& damages, Reading& reading) {
  constexpr std::size_t shown_max = 20;
  LineCounter lines(text);
  for (std::size_t i = 0; i < std::min(damages.size(), shown_max); ++i) {
    const Damage& damage = damages[i];
    const std::string begin = std::to_string(lines.line_at(damage.begin));
    const bool to_the_end = damage.end >= text.size();
    reading.warnings.push_back("line " + begin + ": the file is damaged or cut short (" + damage.what +
                               "); left out up to " +
                               (to_the_end ? "its end" : "line " + std::to_string(lines.line_at(damage.end))));
  }
  if (damages.size() > shown_max) {
    reading.warnings.push_back("and " + std::to_string(damages.size() - shown_max) + " more such damages");
  }
}

void complain_of_lost_points(std::string_view text, const std::vector<Damage>& damages,
                             const TakeUnreadable& unreadable) {
  LineCounter lines(text);
  for (const Damage& damage : damages) {
    for (const std::size_t point : damage.points) {
      unreadable({lines.line_at(point), std::string("the point is damaged: ") + damage.what});
    }
  }
}

/// What the operator should know beside the points; or why there is nothing to read.
Result<void> judge(const Survey& survey, const ReadRules& rules, bool device_by_track, Reading& reading) {
  const std::size_t others = survey.waypoints + survey.route_points;
  const bool has_others = others > 0;
  if (survey.track_points == 0 && (!has_others || !rules.waypoints)) {
    return fail(Errc::invalid_input, has_others ? "it has no track points, only " + text_of_others(survey) +
                                                      " (--waypoints reads those with times)"
                                                : "it has no point");
  }
  if (has_others && !rules.waypoints) {
    reading.warnings.push_back(text_of_others(survey) + (others == 1 ? " is" : " are") +
                               " not read (--waypoints reads those with times)");
  }
  if (device_by_track) {
    reading.device_warning = "its tracks have " + std::to_string(survey.track_names.size()) +
                             " names, and each is read as a device (--device ID reads all as one)";
  }
  return {};
}

}  // namespace

Result<Reading> each_gpx_row(std::string_view bytes, const ReadRules& rules, const TakeRow& take,
                             const TakeUnreadable& unreadable) {
  if (rules.device.empty() && rules.file_device.empty()) {
    return fail(Errc::invalid_input, "GPX does not name the device. Give --device ID");
  }
  std::string converted;
  const std::string_view text = utf8_xml(bytes, converted);
  pugi::xml_document document;
  const std::vector<Damage> damages = load_damaged(text, document);
  const std::string_view root = local_name(document.document_element());
  if (root != "gpx")
    return fail(Errc::invalid_input, "it is XML, but its root element is <" + printable(root) + ">, not <gpx>");
  Survey survey;
  document.traverse(survey);
  const bool device_by_track = rules.device.empty() && survey.track_names.size() > 1;
  Reading reading{.form = "GPX"};
  warn_of_damage(text, damages, reading);
  if (auto judged = judge(survey, rules, device_by_track, reading); !judged) {
    return judged.failure();
  }
  const std::string& one = rules.device.empty() ? rules.file_device : rules.device;
  reading.meanings.push_back(device_by_track ? "device = the track's name" : "device = " + printable(one));
  reading.device_from = !rules.device.empty() ? DeviceFrom::flag
                        : device_by_track     ? DeviceFrom::track
                                              : DeviceFrom::file;
  complain_of_lost_points(text, damages, unreadable);
  PointReader reader(text, rules, device_by_track, take, unreadable);
  document.traverse(reader);
  if (reader.without_time > 0) {
    reading.warnings.push_back(counted(static_cast<std::int64_t>(reader.without_time),
                                       "waypoint or route point has no time and is left out",
                                       "waypoints and route points have no time and are left out"));
  }
  return reading;
}

}  // namespace packwalk::replay
