// Formats of exported rows: CSV and GeoJSON (RFC 7946), piece by piece.
#pragma once

#include <string>
#include <string_view>

#include "base/json_writer.h"
#include "core/activity/activity.h"
#include "core/map/line_geometry.h"
#include "core/packet/stored_message.h"
#include "core/walk/joint_walk.h"
#include "ports/query_store.h"

namespace packwalk {

/// One line per row. Times are ISO 8601 in UTC, an empty cell is unknown, 1 is yes.
struct CsvHeaders {
  static constexpr const char* originals = "device,received_at,ordinal,transport,verdict,reason,hash,content\n";
  static constexpr const char* fixes = "device,timestamp,lat,lon,altitude_m,accuracy_m,status,received_at,outlier\n";
  static constexpr const char* samples = "device,timestamp,activity,steps,status,received_at\n";
  static constexpr const char* tracks = "device,from,to,fix_count,length_m,moving_seconds,west,south,east,north\n";
  static constexpr const char* activity = "device,from,to,activity,in_track,seconds,steps\n";
  static constexpr const char* joint_walks =
      "device_a,device_b,from,to,together_seconds,near_seconds,contact_count,min_distance_m,mean_distance_m,length_a_m,"
      "length_b_m,start_lat,start_lon,end_lat,end_lon\n";
};

/// A joint walk and the ids of its devices.
struct NamedWalk {
  std::string_view device_a;
  std::string_view device_b;
  const JointWalk& walk;
};

/// Device names are written as given. The hash has 16 hexadecimal digits, the content is base64.
void append_csv(std::string& text, std::string_view device, const StoredMessage& message);
void append_csv(std::string& text, std::string_view device, const MarkedFix& marked);
void append_csv(std::string& text, std::string_view device, const Sample& sample);
void append_csv(std::string& text, std::string_view device, const Track& track);
void append_csv(std::string& text, std::string_view device, const ActivitySum& sum);
void append_csv(std::string& text, const NamedWalk& named);

/// A Point, and the two positions where a joint walk began and ended.
void append_feature(std::string& text, std::string_view device, const MarkedFix& marked);
void append_feature(std::string& text, const NamedWalk& named);

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
