// What this process takes of the machine.
#pragma once

#include <cstdint>
#include <optional>

namespace packwalk {

struct ProcessUsage {
  std::int64_t resident_bytes = 0;
  std::int64_t open_files = 0;
  double cpu_seconds = 0;  // user and system
  double started_at = 0;   // seconds since 1970, by the clock as it was when this was first asked
};

/// Nothing where the system does not tell (/proc is missing, say). Thread-safe.
std::optional<ProcessUsage> process_usage();

}  // namespace packwalk
