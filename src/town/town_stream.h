// The packets of a whole town, in the order of time, some of them at a time.
#pragma once

#include <vector>

#include "town/uplink.h"

namespace packwalk::town {

struct MadePacket {
  DogIndex dog = 0;
  Packet packet;
};

/// Some time of a town: what the collars measured in it, by time and dog, and what they sent in it, likewise.
struct TownMinutes {
  DeviceTime until;
  std::vector<MadePacket> made;
  std::vector<Upload> uploads;
};

/// Holds one day's plan and what waits to be sent; never the packets of a day.
class TownStream {
 public:
  /// `town` must outlive it.
  explicit TownStream(const Town& town);

  /// The next minutes, in place of those before. False at the end: all is measured and all is sent.
  bool next(TownMinutes& minutes);

 private:
  void measure(DeviceTime until, TownMinutes& minutes);

  struct Device {
    Collar collar;
    Uplink uplink;
  };

  const Town& town_;
  std::vector<Device> devices_;
  std::int64_t day_;
  DayPlan plan_;
  DeviceTime now_;
  std::vector<Measured> measured_;
};

}  // namespace packwalk::town
