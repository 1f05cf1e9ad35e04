// One collar and its measurements, second by second.
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "core/packet/packet.h"
#include "town/receiver.h"
#include "town/town.h"

namespace packwalk::town {

using Packet = std::variant<TrackPacket, ActivityPacket>;

DeviceTime timestamp_of(const Packet& packet);

/// The status byte.
constexpr std::uint8_t status_at_home = 0;
constexpr std::uint8_t status_walking = 1;
constexpr std::uint8_t status_low_battery = 2;

/// A packet as it is made, and the outing that it belongs to, if any.
struct Measured {
  Packet packet;
  const Outing* outing = nullptr;
};

/// On the way a fix every few seconds and an activity packet a minute; at home an activity packet every 5 to 10
/// minutes.
class Collar {
 public:
  Collar(const Town& town, DogIndex dog);

  /// Goes on to `until` (not included, within the day of `plan`) and adds what it measured, in order of time. Each call
  /// goes on where the last one ended, the first at the town's start.
  void run(const DayPlan& plan, DeviceTime until, std::vector<Measured>& measured);

 private:
  void begin(const DayPlan& plan);
  void set_out(const Outing& outing);
  void come_home();
  std::optional<Packet> fix(const DayPlan& plan, DeviceTime now);
  Packet activity(const DayPlan& plan, DeviceTime now, bool walked);
  void describe_walk(const DayPlan& plan, ActivityPacket& packet) const;
  void describe_rest(const DayPlan& plan, ActivityPacket& packet);
  std::uint8_t status(DeviceTime now) const;

  const Town& town_;
  DogIndex dog_;
  Random random_;
  Receiver receiver_;
  std::chrono::seconds interval_;
  bool began_ = false;
  const Outing* outing_ = nullptr;  // while out
  DeviceTime now_;                  // everything before it is done
  DeviceTime next_fix_, last_fix_;
  DeviceTime next_activity_, last_activity_;
  DeviceTime battery_low_from_;
};

}  // namespace packwalk::town
