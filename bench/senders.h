// The collars of a benchmark: devices and what they send.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "core/geo/lat_lon.h"
#include "http_load.h"

namespace packwalk::bench {

inline constexpr std::int64_t first_second = 1'767'261'600;  // 2026-01-01 10:00:00 UTC

LatLon somewhere(std::mt19937_64& random);

/// Makes devices and the requests that they send: each packet a second later than the one before it.
class Senders {
 public:
  Senders(const std::string& packwalk, const std::string& folder, std::size_t count, std::int64_t first = first_second);

  /// Of a device at random.
  NextRequest requests(std::size_t packets) {
    return [this, packets](std::string& request) { request = next(packets); };
  }
  std::string next(std::size_t packets);

 private:
  std::vector<std::string> tokens_;
  std::vector<std::int64_t> seconds_;
  std::mt19937_64 random_{7};
};

}  // namespace packwalk::bench
