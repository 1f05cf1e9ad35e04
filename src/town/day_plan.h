// The plan of one day in a town: the walks of its dogs, and the pairs in company.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"
#include "town/timed_path.h"

namespace packwalk::town {

using DogIndex = std::uint32_t;

/// A part of an outing: along one path of the day, which others may share. Times are seconds since the day began.
struct Stretch {
  double from = 0;
  double to = 0;
  std::uint32_t path = 0;
  double behind = 0;  // metres behind the leader on that path
  bool off_leash = false;
  bool lies = false;  // the collar, without its dog
};

/// Out of the house and back. The stretches follow one another in time and place.
struct Outing {
  DeviceTime from;  // the last second at home, and the first again
  DeviceTime to;
  std::vector<Stretch> stretches;
};

enum class CompanyKind : std::uint8_t {
  walk,    // together, and meant so
  chat,    // a meeting of under 10 minutes
  follow,  // `b` walks 20 m behind `a`, a stranger
};

/// Two dogs in company: in the first and the last second and always between.
struct Company {
  CompanyKind kind = CompanyKind::walk;
  DogIndex a = 0;
  DogIndex b = 0;
  DeviceTime from;
  DeviceTime to;
  bool off_leash = false;
};

struct DayPlan {
  DeviceTime begin;  // everyone is at home then, and at the end, 24 hours later
  std::vector<TimedPath> paths;
  std::vector<std::vector<Outing>> outings;  // of each dog, in order of time
  std::vector<Company> company;
};

}  // namespace packwalk::town
