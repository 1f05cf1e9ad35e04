// Positions, fixes and messages as JSON, GeoJSON (RFC 7946) and GPX 1.1.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "app/devices/device_directory.h"
#include "core/packet/stored_message.h"
#include "core/state/fix.h"
#include "ports/query_store.h"

namespace packwalk {

enum class AnswerForm { json, geojson, gpx };

/// A fix of a device, as answers name it.
struct NamedFix {
  std::string_view device;
  const Fix& fix;
  std::optional<bool> is_outlier = std::nullopt;  // nothing: of a last fix, which is none as long as it is the last
};

/// A member with a comma before it: metres that a packet told; null where nothing is known.
void append_told_meters(std::string& json, std::string_view name, MaybeMeters meters);

/// {"device", "timestamp", "lat", "lon", "altitude", "accuracy", "status", "received_at", "age", "outlier"}: seconds
/// since 1970, degrees, metres (null: unknown), microseconds since 1970, seconds between the fix and `now`.
void append_position(std::string& json, const NamedFix& named, ServerTime now);

/// The same as a GeoJSON Feature: a Point, with all but the place in its properties.
void append_feature(std::string& json, const NamedFix& named, ServerTime now);

/// A track of one device, a `trkpt` for each fix; where more than `gap` is between two, another segment begins. `more`:
/// the file says that later fixes are left out.
std::string gpx_of(std::string_view device, std::span<const MarkedFix> fixes, std::optional<std::chrono::seconds> gap,
                   bool more);

/// {"verdict", "reason", "hash", "received_at", "transport", "content"}: hash in 16 hexadecimal digits, content in
/// base64.
void append_message(std::string& json, const StoredMessage& message);

/// What is known of a device: number, times, status, counts of messages, last position (null: none yet).
std::string device_json(const RegisteredDevice& device, const CurrentState& state, ServerTime now);

/// {"<name>":[..],"next":cursor or null}, or a FeatureCollection that has `next` too.
class ListWriter {
 public:
  ListWriter(AnswerForm form, std::string_view name);
  std::string& next_item();
  /// What is there so far, of which more comes.
  std::string take_piece() { return std::exchange(text_, {}); }
  std::string finish(std::string_view cursor);  // "" where this was the last page

 private:
  std::string text_;
  bool empty_ = true;
};

std::string_view media_type_of(AnswerForm form);

}  // namespace packwalk
