// What collars send in a simulation, and what is meant by it, told without the decoders.
#pragma once

#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "core/state/fix.h"

namespace packwalk {

enum class Kind { track, activity, flaw, heartbeat, rubbish };
enum class Form { plain, wide, json, ndjson };

inline constexpr int device_count = 3;
inline constexpr int time_count = 8;
inline constexpr int content_count = 6;

/// One packet in one form, named by small numbers that shrink to the simplest.
struct Packet {
  int device = 0;   // below device_count
  int time = 0;     // below time_count
  int content = 0;  // below content_count; some differ by less than the canonical form can tell
  Kind kind = Kind::track;
  Form form = Form::plain;
};
std::ostream& operator<<(std::ostream& out, const Packet& packet);

/// What two messages have in common when they are the same packet: the values as a plain record would carry them.
using Essence = std::tuple<int, float, float, int, int>;

/// What a message says, as precisely as its form can: a fix, a sample, or neither. `received_at` is left out.
struct Meaning {
  std::optional<Fix> fix;
  std::optional<Sample> sample;
  bool is_heartbeat = false;
};
Meaning meaning_of(const Packet& packet);
Essence essence_of(const Fix& fix);
Essence essence_of(const Sample& sample);

DeviceNumber number_of(int device);

/// One request: packets of one device in one body.
struct Parcel {
  DeviceNumber device;
  Transport transport{};
  std::string body;
  std::vector<std::string> originals;  // of each message
  std::vector<Meaning> meanings;
};

/// One body for all of `packets`, which must fit_together(). Not empty.
Parcel parcel_of(std::span<const Packet> packets);
bool fit_together(const Packet& a, const Packet& b);

}  // namespace packwalk
