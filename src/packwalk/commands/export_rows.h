// Formats of exported rows: CSV and GeoJSON (RFC 7946), piece by piece.
#pragma once

#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "core/activity/activity.h"
#include "core/map/line_geometry.h"
#include "core/packet/stored_message.h"
#include "core/walk/joint_walk.h"
#include "packwalk/commands/time_form.h"
#include "ports/query_store.h"

namespace packwalk {

/// One line per row. Times are seconds since 1970, `received_at` is microseconds, an empty cell is unknown, 1 is yes.
struct CsvHeaders {
  static constexpr const char* originals = "device,received_at,ordinal,transport,verdict,reason,hash,content\n";
  static constexpr const char* fixes = "device,timestamp,lat,lon,altitude,accuracy,status,received_at,outlier\n";
  static constexpr const char* samples = "device,timestamp,activity,steps,status,received_at\n";
  static constexpr const char* tracks = "device,from,to,fixes,length_m,moving_seconds,west,south,east,north\n";
  static constexpr const char* activity = "device,bucket,activity,in_track,seconds,steps\n";
  static constexpr const char* joint_walks =
      "device,with,from,to,seconds_together,near_seconds,contacts,min_distance_m,mean_m,length_m,with_length_m,"
      "from_lat,from_lon,to_lat,to_lon\n";
};

/// A joint walk from the view of one of its two devices.
struct SeenWalk {
  std::string_view with;  // empty: the other's id is unknown
  const JointWalk& walk;
  bool is_first = true;  // whether the device is `a`
};

/// Device names are written as given. The hash has 16 hexadecimal digits, the content is base64.
void append_csv(std::string& text, std::string_view device, const StoredMessage& message);
void append_csv(std::string& text, std::string_view device, const MarkedFix& marked);
void append_csv(std::string& text, std::string_view device, const Sample& sample);
void append_csv(std::string& text, std::string_view device, const Track& track, TimeForm times = TimeForm::seconds);
void append_csv(std::string& text, std::string_view device, const ActivitySum& sum);
void append_csv(std::string& text, std::string_view device, const SeenWalk& seen, TimeForm times = TimeForm::seconds);

/// A Point, and the two positions where a joint walk began and ended.
void append_feature(std::string& text, std::string_view device, const MarkedFix& marked);
void append_feature(std::string& text, std::string_view device, const SeenWalk& seen);

/// A Feature whose line is written fix by fix. If the store has dropped some fixes, the line has the remaining ones.
class TrackFeature {
 public:
  TrackFeature(std::string& text, std::string_view device, const Track& track);
  void add(const Fix& fix) { geometry_.add(fix); }
  void end();

 private:
  std::string& text_;
  const std::string_view device_;
  const Track track_;
  JsonWriter json_;
  LineGeometry geometry_;
};

}  // namespace packwalk
