// Fixes as GPX 1.1, piece by piece.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/state/fix.h"

namespace packwalk {

/// Between them any number of tracks, and before these perhaps <metadata>.
inline constexpr const char* gpx_beginning =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    "<gpx version=\"1.1\" creator=\"Packwalk\" xmlns=\"http://www.topografix.com/GPX/1/1\">\n";
inline constexpr const char* gpx_end = "</gpx>\n";

/// One <trk>, appended to `text` fix by fix; the owner may empty `text` meanwhile. Writes nothing without a fix.
/// Numbers have no exponent, as GPX requires.
class GpxTrack {
 public:
  /// A longer gap than `gap` between two fixes begins a new segment; without `gap`, there is one segment. `name` must
  /// outlive this object and must not need escapes.
  GpxTrack(std::string& text, std::string_view name, std::optional<std::chrono::seconds> gap)
      : text_(text), name_(name), gap_(gap) {}

  /// An outlier has the <type> "outlier".
  void add(const Fix& fix, bool is_outlier = false);
  void end();

 private:
  std::string& text_;
  const std::string_view name_;
  const std::optional<std::chrono::seconds> gap_;
  std::optional<DeviceTime> last_;
};

}  // namespace packwalk
