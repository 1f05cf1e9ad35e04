// When each packet of a recording is sent, how often, and in which order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "replay/recording.h"

namespace packwalk::replay {

struct ScheduleOptions {
  double duplicate_share = 0;           // of the packets that are sent once more
  double shuffle_seconds = 0;           // of device time that a packet is late by at most
  double hold_back_share = 0;           // of the packets that come late, in stretches as of an offline collar
  double hold_back_seconds = 8 * 3600;  // how late, in device time
  std::uint64_t seed = 1;
};

struct Send {
  double at = 0;  // seconds of device time since 1970
  std::size_t row = 0;
  bool repeat = false;

  friend bool operator==(const Send&, const Send&) = default;
};

/// All that is sent, by time: each row once, and `duplicate_share` of them (rounded to a whole number) once more
/// within ten minutes. The rows of a device go in the order of the file: one whose device time is before that of the
/// row in front of it goes with that. (A row over an hour ahead of the row behind it goes with the row in front of it:
/// a clock that once was wrong shall not hold up all the rest.) `hold_back_share` of the rows, rounded too, is late by
/// `hold_back_seconds` at least, or goes at the end where that comes first. The same seed makes the same schedule.
std::vector<Send> schedule(std::span<const Row> rows, const ScheduleOptions& options);

}  // namespace packwalk::replay
