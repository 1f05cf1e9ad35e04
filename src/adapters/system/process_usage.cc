#include "adapters/system/process_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace packwalk {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double seconds_by(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// The second number of /proc/self/statm, in pages.
std::optional<std::int64_t> resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::int64_t all = 0;
  std::int64_t resident = 0;
  if (!(in >> all >> resident)) return std::nullopt;
  return resident * ::sysconf(_SC_PAGESIZE);
}

std::optional<std::int64_t> open_files() {
  std::int64_t files = -1;  // without the descriptor that lists them
  std::error_code error;
  const std::filesystem::directory_iterator end;
  for (std::filesystem::directory_iterator each("/proc/self/fd", error); !error && each != end; each.increment(error)) {
    ++files;
  }
  return error ? std::nullopt : std::optional(files);
}

/// Field 22 of /proc/self/stat (proc(5)), in ticks since the machine started. The second field is a name, in brackets,
/// with anything in it.
std::optional<double> start_time() {
  std::ifstream in("/proc/self/stat");
  std::string line;
  if (!std::getline(in, line)) return std::nullopt;
  std::istringstream fields(line.substr(std::min(line.rfind(')') + 1, line.size())));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;
  if (!fields) return std::nullopt;
  const double since_boot = std::stod(field) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return seconds_by(CLOCK_REALTIME) - seconds_by(CLOCK_BOOTTIME) + since_boot;
}

}  // namespace

std::optional<ProcessUsage> process_usage() {
  static const std::optional<double> started_at = start_time();
  const auto resident = resident_bytes();
  const auto files = open_files();
  rusage usage{};
  if (!started_at || !resident || !files || ::getrusage(RUSAGE_SELF, &usage) != 0) return std::nullopt;
  return ProcessUsage{.resident_bytes = *resident,
                      .open_files = *files,
                      .cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
                      .started_at = *started_at};
}

}  // namespace packwalk
