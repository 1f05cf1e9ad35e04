// Copies committed messages to the archive, one step at a time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "ports/archive_source.h"

namespace packwalk {

/// Both sides of the copying.
struct ArchiveParts {
  std::unique_ptr<ArchiveSource> source;
  std::unique_ptr<Archive> archive;
};

struct CopyRules {
  PieceLimits piece;
  std::chrono::seconds age_max{60};  // age at which a backlog smaller than a piece is copied
};

struct CopyLevels {
  ArchiveBacklog backlog;     // at the last check
  std::int64_t copied = 0;    // copied messages since the start
  std::int64_t failures = 0;  // failed steps since the start
  std::string trouble;        // the error of the last step; "" if it succeeded
};

/// One thread calls step(); others may read the levels.
class CopyToArchive {
 public:
  CopyToArchive(ArchiveSource& source, Archive& archive, CopyRules rules)
      : source_(source), archive_(archive), rules_(rules) {}

  /// Copies a piece if the backlog is large or old enough. Returns the pause before the next step, which grows with
  /// each failure. `chance`, from 0 to 1, spreads the pauses of several processes.
  std::chrono::milliseconds step(ServerTime now, double chance);

  CopyLevels levels() const;

 private:
  /// Whether the next step should follow immediately.
  Result<bool> copy(ServerTime now);

  ArchiveSource& source_;
  Archive& archive_;
  const CopyRules rules_;
  int failures_in_a_row_ = 0;

  mutable std::mutex mutex_;
  CopyLevels levels_;  // guarded by mutex_
};

}  // namespace packwalk
