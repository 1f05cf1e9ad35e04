// Copies what is committed to the archive, a step at a time.
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
  std::chrono::seconds age_max{60};  // a backlog smaller than a piece waits so long
};

struct CopyLevels {
  ArchiveBacklog backlog;     // when it was last looked at
  std::int64_t copied = 0;    // messages, since the start
  std::int64_t failures = 0;  // steps that failed, since the start
  std::string trouble;        // why the last step failed; "" when it did not
};

/// One thread calls step(), the others may ask for the levels.
class CopyToArchive {
 public:
  CopyToArchive(ArchiveSource& source, Archive& archive, CopyRules rules)
      : source_(source), archive_(archive), rules_(rules) {}

  /// Copies a piece when there is enough, or when it is old. Says how long to wait before the next step: longer each
  /// time that one fails. `chance`, from 0 to 1, spreads the waits of several processes.
  std::chrono::milliseconds step(ServerTime now, double chance);

  CopyLevels levels() const;

 private:
  /// Whether more is to be copied at once.
  Result<bool> copy(ServerTime now);

  ArchiveSource& source_;
  Archive& archive_;
  const CopyRules rules_;
  int failures_in_a_row_ = 0;

  mutable std::mutex mutex_;
  CopyLevels levels_;  // guarded by mutex_
};

}  // namespace packwalk
