#include "core/phone/fix_names.h"

#include <algorithm>

namespace packwalk {
namespace {

/// Of forms (docs/formats.md), of Traccar Client's JSON, and of GPSLogger's templates.
constexpr std::array<std::string_view, 58> names_beside_a_position = {
    "timestamp", "time",     "tst",      "altitude",    "alt",        "accuracy",       "acc",
    "id",        "deviceid", "device",   "device_id",   "token",      "uuid",           "driveruniqueid",
    "speed",     "bearing",  "heading",  "spd",         "dir",        "speed_accuracy", "heading_accuracy",
    "hdop",      "vdop",     "pdop",     "sat",         "prov",       "provider",       "altitude_accuracy",
    "batt",      "battery",  "level",    "is_charging", "ischarging", "charge",         "notificationtoken",
    "alarm",     "event",    "extras",   "valid",       "mock",       "sample",         "age",
    "cell",      "wifi",     "geofence", "is_moving",   "odometer",   "dist",           "activity",
    "act",       "desc",     "profile",  "filename",    "timezone",   "location",       "coords",
    "motion",    "_"};

template <class Names>
auto find_name(const Names& names, std::string_view small_name) {
  return std::find_if(names.begin(), names.end(), [&](const FixName& each) { return each.name == small_name; });
}

}  // namespace

std::optional<FixPart> other_fix_part(std::string_view small_name) {
  const auto* const found = find_name(other_fix_names, small_name);
  return found == other_fix_names.end() ? std::nullopt : std::optional(found->part);
}

bool names_a_position(std::string_view small_name) {
  const auto* const own = find_name(own_fix_names, small_name);
  const auto part = own != own_fix_names.end() ? std::optional(own->part) : other_fix_part(small_name);
  return part == FixPart::latitude || part == FixPart::longitude;
}

bool is_known_beside_a_position(std::string_view small_name) {
  return std::find(names_beside_a_position.begin(), names_beside_a_position.end(), small_name) !=
         names_beside_a_position.end();
}

}  // namespace packwalk
