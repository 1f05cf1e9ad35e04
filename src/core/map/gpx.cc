#include "core/map/gpx.h"

#include "base/text.h"
#include "base/time_text.h"

namespace packwalk {

void GpxTrack::add(const Fix& fix, bool is_outlier) {
  if (!last_) {
    text_.append("<trk><name>").append(name_).append("</name><trkseg>\n");
  } else if (gap_ && fix.timestamp - *last_ > *gap_) {
    text_.append("</trkseg><trkseg>\n");
  }
  last_ = fix.timestamp;
  text_.append("<trkpt lat=\"");
  append_degrees(text_, fix.position.latitude());
  text_.append("\" lon=\"");
  append_degrees(text_, fix.position.longitude());
  text_.append("\">");
  if (fix.altitude.known()) {
    text_.append("<ele>");
    append_told_meters(text_, fix.altitude.value_or(0));
    text_.append("</ele>");
  }
  text_.append("<time>").append(iso_text(fix.timestamp)).append("</time>");
  if (is_outlier) text_.append("<type>outlier</type>");
  text_.append("</trkpt>\n");
}

void GpxTrack::end() {
  if (last_) text_.append("</trkseg></trk>\n");
}

}  // namespace packwalk
