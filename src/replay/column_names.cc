#include "replay/column_names.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace packwalk::replay {
namespace {

struct ColumnName {
  Column column;
  std::string_view name;
};
constexpr std::array column_names = {
    ColumnName{Column::device, "device"},     ColumnName{Column::timestamp, "timestamp"},
    ColumnName{Column::date, "date"},         ColumnName{Column::clock, "clock"},
    ColumnName{Column::lat, "lat"},           ColumnName{Column::lon, "lon"},
    ColumnName{Column::altitude, "altitude"}, ColumnName{Column::accuracy, "accuracy"},
    ColumnName{Column::hdop, "hdop"},         ColumnName{Column::visible, "visible"},
    ColumnName{Column::activity, "activity"}};

using Names = std::span<const std::string_view>;

// Movebank and its R package move2, other R packages, loggers, phone apps, spreadsheets.
constexpr std::string_view devices[] = {"device",
                                        "device_id",
                                        "deviceid",
                                        "individual_local_identifier",
                                        "individual_id",
                                        "individual",
                                        "animal",
                                        "animal_id",
                                        "animalid",
                                        "animal_name",
                                        "dog",
                                        "dog_id",
                                        "dog_name",
                                        "pet",
                                        "pet_name",
                                        "cat",
                                        "cat_id",
                                        "bird",
                                        "bird_id",
                                        "collar",
                                        "collar_id",
                                        "collarid",
                                        "tracker",
                                        "tracker_id",
                                        "tag_local_identifier",
                                        "tag_id",
                                        "tagid",
                                        "imei"};
constexpr std::string_view doubtful_devices[] = {"name", "id", "identifier"};
constexpr std::string_view timestamps[] = {"timestamp",    "datetime",      "date_time",     "utc_datetime",
                                           "datetime_utc", "timestamp_utc", "utc_timestamp", "timestamp_ms",
                                           "timestampms",  "gps_timestamp", "epoch",         "unix_time",
                                           "unixtime",     "unix",          "posix",         "tst"};
constexpr std::string_view dates[] = {"date", "utc_date", "date_utc", "date_gmt", "gmt_date", "utc_d", "gps_date"};
constexpr std::string_view clocks[] = {"clock"};
constexpr std::string_view clocks_or_timestamps[] = {"time",     "utc_time", "time_utc", "time_gmt",
                                                     "gmt_time", "utc_t",    "gps_time", "utc"};
constexpr std::string_view latitudes[] = {
    "lat",          "latitude", "location_lat", "latitude_n/s",     "lat_n/s",         "lat_deg",
    "latitude_deg", "gps_lat",  "gps_latitude", "decimal_latitude", "decimallatitude", "latitudee7",
    "latitude_e7",  "late7",    "lat_e7"};
constexpr std::string_view longitudes[] = {
    "lon",         "longitude",    "lng",           "long",    "location_long", "location_lon",      "longitude_e/w",
    "lon_e/w",     "lon_deg",      "longitude_deg", "gps_lon", "gps_longitude", "decimal_longitude", "decimallongitude",
    "longitudee7", "longitude_e7", "lone7",         "lon_e7",  "lnge7"};
constexpr std::string_view altitudes[] = {
    "altitude", "alt", "ele", "elevation", "height", "altitude_m", "height_above_ellipsoid", "height_above_msl"};
constexpr std::string_view accuracies[] = {"accuracy",
                                           "horizontal_accuracy",
                                           "accuracy_m",
                                           "h_accuracy",
                                           "hacc",
                                           "gps_accuracy",
                                           "location_error_numerical",
                                           "eobs_horizontal_accuracy_estimate"};
constexpr std::string_view dilutions[] = {"hdop", "gps_hdop"};
constexpr std::string_view visibilities[] = {"visible", "valid", "validity", "is_valid", "gps_valid", "fix_valid"};
constexpr std::string_view doubtful_visibilities[] = {"status",      "fix_status", "gps_status", "rmc_status",
                                                      "nmea_status", "fix",        "av",         "a/v"};
constexpr std::string_view activities[] = {"activity"};

/// A unit that changes nothing.
bool is_plain_unit(std::string_view unit) {
  constexpr std::array<std::string_view, 9> plain = {"m",       "meter",    "meters", "metres", "deg",
                                                     "degrees", "\xC2\xB0", "utc",    "gmt"};
  return std::find(plain.begin(), plain.end(), unit) != plain.end();
}

std::string_view without_unit(std::string_view name) {
  for (const auto& [open, close] : {std::pair{'(', ')'}, std::pair{'[', ']'}}) {
    const std::size_t begin = name.rfind(open);
    if (begin == std::string_view::npos || begin == 0 || !name.ends_with(close)) continue;
    if (is_plain_unit(trimmed(name.substr(begin + 1, name.size() - begin - 2)))) return trimmed(name.substr(0, begin));
  }
  return name;
}

}  // namespace

std::string_view name_of(Column column) {
  const auto* const found = std::find_if(column_names.begin(), column_names.end(),
                                         [&](const ColumnName& each) { return each.column == column; });
  return found->name;
}

std::optional<Column> column_from(std::string_view name) {
  const auto* const found =
      std::find_if(column_names.begin(), column_names.end(), [&](const ColumnName& each) { return each.name == name; });
  return found == column_names.end() ? std::nullopt : std::optional(found->column);
}

std::string bare_name(std::string_view name) {
  const std::string small = lower_case(trimmed(name));
  std::string bare;
  for (const char c : without_unit(small)) {
    const bool between = c == ' ' || c == '-' || c == '.' || c == ':' || c == '_';
    if (!between) {
      bare.push_back(c);
    } else if (!bare.empty() && bare.back() != '_') {
      bare.push_back('_');
    }
  }
  return bare;
}

Names usual_names(Column column) {
  switch (column) {
    case Column::device:
      return devices;
    case Column::timestamp:
      return timestamps;
    case Column::date:
      return dates;
    case Column::clock:
      return clocks;
    case Column::lat:
      return latitudes;
    case Column::lon:
      return longitudes;
    case Column::altitude:
      return altitudes;
    case Column::accuracy:
      return accuracies;
    case Column::hdop:
      return dilutions;
    case Column::visible:
      return visibilities;
    case Column::activity:
      return activities;
  }
  return {};
}

Names doubtful_device_names() { return doubtful_devices; }
Names doubtful_visible_names() { return doubtful_visibilities; }
Names clock_or_timestamp_names() { return clocks_or_timestamps; }

Result<ColumnNames> columns_from(std::string_view text) {
  ColumnNames names;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto column = column_from(pair.substr(0, equals));
    if (!column || equals + 1 >= pair.size()) {
      return fail(Errc::invalid_input, std::string(pair) +
                                           " is not NAME=COLUMN with NAME one of device, timestamp, date, clock, lat, "
                                           "lon, altitude, accuracy, hdop, visible, activity");
    }
    names[*column] = pair.substr(equals + 1);
  }
  return names;
}

}  // namespace packwalk::replay
