// The rules of access. No other code makes access decisions.
#pragma once

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

#include "base/ids.h"

namespace packwalk {

/// The sender of a request, by its credentials.
struct Nobody {
  friend bool operator==(Nobody, Nobody) = default;
};
struct CallingDevice {
  DeviceNumber number;
  friend bool operator==(CallingDevice, CallingDevice) = default;
};
struct Administrator {
  friend bool operator==(Administrator, Administrator) = default;
};
using Caller = std::variant<Nobody, CallingDevice, Administrator>;

/// The relation of a caller to a device.
enum class Relation : std::uint8_t {
  stranger,
  self,  // the device itself
};
Relation relation_of(const Caller& caller, DeviceNumber device);

/// The rows of the table of access.
enum class Action : std::uint8_t {
  present,       // last position, in a box and live; its state
  history,       // fixes, tracks, activity, walks
  originals,     // messages, verdicts, export
  manage,        // profile, erasure
  send_packets,  // and fetch its commands
  administer,    // all devices, dead letters, configuration
};

bool may(const Caller& caller, Relation relation, Action action);
/// Whether the caller may do it with at least one device.
bool may_with_any(const Caller& caller, Action action);

/// The decision on a caller's action on a device.
enum class Access : std::uint8_t {
  granted,
  forbidden,
  hidden,  // the caller must not learn that the device exists
};
Access access_to(const Caller& caller, Relation relation, Action action);

/// The devices that a caller sees.
class Sight {
 public:
  static Sight of_all() { return Sight(true, {}); }
  /// Only these devices, in any order; duplicates are allowed.
  static Sight of(std::vector<DeviceNumber> devices);

  bool sees_all() const { return sees_all_; }
  bool sees(DeviceNumber device) const;
  /// Each once, by number. Only for a sight that does not see all.
  std::span<const DeviceNumber> devices() const;

 private:
  Sight(bool sees_all, std::vector<DeviceNumber> devices) : sees_all_(sees_all), devices_(std::move(devices)) {}

  bool sees_all_;
  std::vector<DeviceNumber> devices_;
};

/// The devices with which the caller may do `action`.
Sight sight_of(const Caller& caller, Action action);

}  // namespace packwalk
