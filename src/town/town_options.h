// What kind of town to simulate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/units.h"
#include "core/geo/lat_lon.h"

namespace packwalk::town {

struct TownOptions {
  std::size_t dogs = 60;  // 1 to 200,000
  LatLon city;            // the middle of the town
  std::uint64_t seed = 1;

  /// What is recorded of the town's life: from `start`, for `seconds`. The life itself depends on neither.
  DeviceTime start = device_time(1'777'852'800);  // 2026-05-04 00:00 UTC
  std::int64_t seconds = 86'400;                  // 1 to 366 days

  double walks_a_day = 3;      // a dog's mean number of outings, 0 to 12; what does not fit into the day falls away
  bool night = true;           // few set out at night (solar time); false: at any hour alike
  double off_leash_share = 0;  // of the walks, alone or in company, 0 to 1
  double spread = 12;          // metres, 1 to 20: standard deviation along each axis of a dog off the leash
  bool shelf = false;          // no dog goes anywhere: the collars lie two by two on shelves, switched on

  double noise = 4;                       // metres, 0 to 100: 68 % of a receiver's errors lie within it
  double lost_share = 0.02;               // of the fixes, which no receiver ever had
  std::int64_t sampling_seconds_min = 1;  // each dog has its own whole number of seconds between its fixes, 1 to 30
  std::int64_t sampling_seconds_max = 10;

  double duplicate_share = 0;        // of the packets, sent once more later, 0 to 1
  std::int64_t shuffle_seconds = 0;  // packets are late by up to this, each for itself, 0 to 3600
  double offline_share = 0;          // of the outings: what was measured arrives long after the return, 0 to 1
  double offline_hours_max = 8;      // how long after, 0.5 to 168; evenly from half an hour

  std::string prefix = "dog-";  // of the device ids, before a number from 0001
};

/// The options as they are, or Errc::invalid_input with a sentence that names the one at fault.
Result<TownOptions> checked(const TownOptions& options);

}  // namespace packwalk::town
