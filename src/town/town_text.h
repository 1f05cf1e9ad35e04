// The file formats of a simulated town.
#pragma once

#include <string>

#include "town/town_stream.h"

namespace packwalk::town {

constexpr const char* fixes_header = "device,timestamp,lat,lon,altitude_m,accuracy_m\n";
constexpr const char* activity_header = "device,timestamp,status,activity,steps\n";
constexpr const char* truth_header = "device_a,device_b,from,to\n";

/// A line of fixes.csv: coordinates with 7 decimals, whole metres.
void append_csv(std::string& text, const std::string& device, const TrackPacket& packet);
/// A line of activity.csv: the activity by its name, `status` as a number.
void append_csv(std::string& text, const std::string& device, const ActivityPacket& packet);
/// The lines of truth.csv with its header; `walks` as truth() gives them.
std::string truth_csv(const Town& town, const std::vector<Company>& walks);
/// A line of uploads.ndjson: {"send_at": "2026-01-01T10:00:00.000000Z", "device": id, "packets": [JSON form]}.
void append_ndjson(std::string& text, const std::string& device, const Upload& upload);

}  // namespace packwalk::town
