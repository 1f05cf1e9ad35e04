// The resources that this process uses.
#pragma once

#include <cstdint>
#include <optional>

namespace packwalk {

struct ProcessUsage {
  std::int64_t resident_bytes = 0;
  std::int64_t open_files = 0;
  double cpu_seconds = 0;  // user and system
  double started_at = 0;   // seconds since 1970, by the clock at the first call
};

/// Empty if the system does not provide them, for example without /proc. Thread-safe.
std::optional<ProcessUsage> process_usage();

}  // namespace packwalk
