// For tests: a text as a recording.
#pragma once

#include <string_view>
#include <utility>

#include "replay/recording.h"

namespace packwalk::replay {

inline ReadRules of_file(std::string_view file_device) { return {.file_device = std::string(file_device)}; }

/// `lat,lon` of each row, and the seconds, for one look at all of them.
struct Seen {
  std::string device;
  std::int64_t seconds = 0;
  double latitude = 0;
  double longitude = 0;

  friend bool operator==(const Seen&, const Seen&) = default;
};
inline void PrintTo(const Seen& seen, std::ostream* out) {
  *out << seen.device << ' ' << seen.seconds << ' ' << seen.latitude << ' ' << seen.longitude;
}

inline std::vector<Seen> seen_in(const Recording& recording) {
  std::vector<Seen> all;
  for (const Row& row : recording.rows) {
    all.push_back({recording.names.at(row.device), static_cast<std::int64_t>(row.packet.seconds), row.packet.latitude,
                   row.packet.longitude});
  }
  return all;
}

}  // namespace packwalk::replay
