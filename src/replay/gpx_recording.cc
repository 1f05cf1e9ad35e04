#include "replay/gpx_recording.h"

#include <algorithm>
#include <optional>
#include <pugixml.hpp>
#include <utility>

#include "base/text.h"

namespace packwalk::replay {
namespace {

/// `gpx:trkpt` is `trkpt` too.
std::string_view local_name(const pugi::xml_node& node) {
  std::string_view name = node.name();
  const std::size_t colon = name.find(':');
  if (colon != std::string_view::npos) name.remove_prefix(colon + 1);
  return name;
}

std::optional<std::string> read_point(const pugi::xml_node& point, RawTrack& packet) {
  const char* time = nullptr;
  const char* elevation = nullptr;
  for (const pugi::xml_node& child : point.children()) {
    if (local_name(child) == "time") time = child.child_value();
    if (local_name(child) == "ele") elevation = child.child_value();
  }
  const auto latitude = finite_number_from(point.attribute("lat").value());
  if (!latitude) return "lat cannot be read: " + printable(point.attribute("lat").value());
  const auto longitude = finite_number_from(point.attribute("lon").value());
  if (!longitude) return "lon cannot be read: " + printable(point.attribute("lon").value());
  if (!time) return "time is missing";
  const auto seconds = seconds_from(time);
  if (!seconds) return "time cannot be read: " + printable(time);
  packet.latitude = *latitude;
  packet.longitude = *longitude;
  packet.seconds = *seconds;
  if (!elevation) return std::nullopt;
  const auto altitude = finite_number_from(elevation);
  if (!altitude) return "ele cannot be read: " + printable(elevation);
  packet.altitude = *altitude;
  return std::nullopt;
}

/// Visits the points of all tracks in the order of the text, which it counts the lines of.
class PointReader : public pugi::xml_tree_walker {
 public:
  PointReader(std::string_view text, Recording& recording) : text_(text), recording_(recording) {}

  bool for_each(pugi::xml_node& node) override {
    if (local_name(node) != "trkpt") return true;
    Row row{.line = line_at(static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, node.offset_debug())))};
    if (auto trouble = read_point(node, row.packet)) {
      recording_.unreadable.push_back({row.line, *std::move(trouble)});
    } else {
      recording_.rows.push_back(row);
    }
    return true;
  }

 private:
  std::size_t line_at(std::size_t offset) {
    const std::string_view passed = text_.substr(counted_, offset - std::min(counted_, offset));
    line_ += static_cast<std::size_t>(std::count(passed.begin(), passed.end(), '\n'));
    counted_ += passed.size();
    return line_;
  }

  std::string_view text_;
  Recording& recording_;
  std::size_t counted_ = 0;
  std::size_t line_ = 1;
};

}  // namespace

Result<Recording> read_gpx(std::string_view text, const std::string& device) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(text.data(), text.size());
  if (!parsed) {
    return fail(Errc::invalid_input, std::string(parsed.description()) + " at byte " + std::to_string(parsed.offset));
  }
  if (local_name(document.document_element()) != "gpx") return fail(Errc::invalid_input, "its root is no <gpx>");
  Recording recording;
  recording.names = {device};
  recording.devices = device_ids_of(recording.names);
  PointReader reader(text, recording);
  document.traverse(reader);
  return recording;
}

}  // namespace packwalk::replay
