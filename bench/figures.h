// What is measured and how it is printed.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace packwalk::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// `share` of the values are no greater. Sorts in place; 0 for none.
inline double percentile(std::vector<double>& values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto at = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  return values[at];
}

inline double median(std::vector<double> values) { return percentile(values, 0.5); }

/// A product's figure beside the machine's floor, measured in the same run.
inline void print_ratio(const std::string& what, double product, double floor, const char* unit, double goal_percent) {
  const double percent = floor > 0 ? 100 * product / floor : 0;
  std::printf("%-58s %12.0f %-11s floor %12.0f   %5.0f %%  (goal: at least %.0f %%) %s\n", what.c_str(), product, unit,
              floor, percent, goal_percent, percent >= goal_percent ? "" : "MISSED");
  std::fflush(stdout);
}

/// A figure that has a limit of its own.
inline void print_limit(const std::string& what, double value, const char* unit, double limit) {
  std::printf("%-58s %12.1f %-11s (goal: under %.0f) %s\n", what.c_str(), value, unit, limit,
              value < limit ? "" : "MISSED");
  std::fflush(stdout);
}

/// A figure that should reach so much.
inline void print_goal(const std::string& what, double value, const char* unit, double least) {
  std::printf("%-58s %12.0f %-11s (goal: at least %.0f) %s\n", what.c_str(), value, unit, least,
              value >= least ? "" : "MISSED");
  std::fflush(stdout);
}

inline void print_figure(const std::string& what, double value, const char* unit) {
  std::printf("%-58s %12.1f %s\n", what.c_str(), value, unit);
  std::fflush(stdout);
}

}  // namespace packwalk::bench
