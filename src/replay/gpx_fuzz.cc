// Fuzzes the reader of GPX, whole and damaged.
#include <cmath>
#include <string>

#include "base/fuzz.h"
#include "replay/gpx_recording.h"

namespace {

using namespace packwalk;
using namespace packwalk::replay;

struct Points {
  std::size_t read = 0;
  std::size_t lost = 0;

  friend bool operator==(const Points&, const Points&) = default;
};

Points points_in(std::string_view text, const ReadRules& rules) {
  Points points;
  std::size_t last_line = 0;
  const auto reading = each_gpx_row(
      text, rules,
      [&](std::string_view device, std::size_t line, const RawTrack& packet) {
        ++points.read;
        fuzz::require(line >= last_line && line > 0, "points come in the order of the text");
        last_line = line;
        fuzz::require(!device.empty(), "a point has a device");
        fuzz::require(
            std::isfinite(packet.latitude) && std::isfinite(packet.longitude) && std::isfinite(packet.seconds),
            "numbers are finite");
        fuzz::require(std::isfinite(packet.altitude.value_or(0)) && std::isfinite(packet.accuracy.value_or(0)),
                      "lengths are finite or unknown");
      },
      [&](const UnreadableRow& row) {
        ++points.lost;
        fuzz::require(row.line > 0 && !row.reason.empty(), "a point that is lost has a line and a reason");
      });
  fuzz::require(reading.has_value() || points.read == 0, "nothing is read of a file that cannot be read");
  return points;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::view(data, size);
  const Points points = points_in(text, {.file_device = "file"});
  fuzz::require(points_in(text, {.device = "rex"}) == points, "a device that is given changes no point");
  points_in(text, {.file_device = "file", .waypoints = true});
  // Half a file gives no more points than it begins.
  const std::string_view half = text.substr(0, size / 2);
  std::size_t begun = 0;
  for (std::size_t at = half.find("trkpt"); at != std::string_view::npos; at = half.find("trkpt", at + 1)) ++begun;
  fuzz::require(points_in(half, {.file_device = "file"}).read <= begun,
                "a file that is cut short has no points but its own");
  return 0;
}
