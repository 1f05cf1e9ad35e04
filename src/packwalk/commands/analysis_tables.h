// The tables of `packwalk analyse`.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "core/walk/all_walks.h"
#include "core/walk/analysis_rules.h"
#include "packwalk/commands/told_devices.h"

namespace packwalk {

/// The path of each table. `-` means standard output; a table without a path is not written.
struct TablePaths {
  std::string outliers, tracks, contacts, joint_walks, pairs;
};

struct AnalysisCounts {
  std::size_t devices = 0;
  std::size_t fixes = 0;
  std::size_t outliers = 0;
  std::size_t tracks = 0;
  std::size_t contacts = 0;
  std::size_t joint_walks = 0;
  std::string first_outlier;
};

/// Derives everything from recorded devices, and writes the tables. Where `packwalk export` has the same table, columns
/// and numbers are the same (packwalk/commands/export_rows).
class AnalysisTables {
 public:
  /// `devices` in the byte order of their names.
  AnalysisTables(std::vector<RecordedDevice> devices, const AnalysisRules& rules)
      : devices_(std::move(devices)), rules_(rules) {}

  /// Errc::unavailable names the file that cannot be written.
  Result<void> write(const TablePaths& paths);

  const AnalysisCounts& counts() const { return counts_; }

 private:
  Result<void> write_outliers(const std::string& path);
  Result<void> write_tracks(const std::string& path);
  Result<void> write_walks(const TablePaths& paths);
  Result<void> write_pairs(const std::string& path, const std::vector<PairTogether>& all) const;

  std::vector<RecordedDevice> devices_;
  const AnalysisRules rules_;
  std::vector<std::vector<PathPoint>> paths_;
  AnalysisCounts counts_;
};

}  // namespace packwalk
