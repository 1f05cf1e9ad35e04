// The line of fixes as a geometry of GeoJSON (RFC 7946), piece by piece.
#pragma once

#include <span>
#include <string>

#include "core/state/fix.h"

namespace packwalk {

/// [longitude, latitude], and the altitude if it is known.
void append_coordinates(std::string& text, const LatLon& position, MaybeMeters altitude);

/// Whether the short way between two neighbours leads across it, so that their line must be cut there (3.1.9).
bool crosses_antimeridian(std::span<const Fix> fixes);

/// Appended to `text` fix by fix; the owner may empty `text` meanwhile. null without a fix, a Point for one fix,
/// otherwise a MultiLineString, cut at the antimeridian.
class LineGeometry {
 public:
  /// Use line_string only if the line does not cross the antimeridian.
  enum class Line { line_string, multi_line_string };

  explicit LineGeometry(std::string& text, Line line = Line::multi_line_string)
      : text_(text), is_multi_(line == Line::multi_line_string) {}

  void add(const Fix& fix);
  void end();

 private:
  void cut_before(const LatLon& next);

  std::string& text_;
  const bool is_multi_;
  std::size_t fixes_ = 0;
  LatLon last_;
  MaybeMeters last_altitude_;
};

}  // namespace packwalk
