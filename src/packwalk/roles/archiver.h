// The thread of ingest that copies messages to the archive.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "api/metrics.h"
#include "app/archive/copy_to_archive.h"
#include "packwalk/roles/ticker.h"
#include "ports/clock.h"

namespace packwalk {

/// Logs when copying begins to fail and when it recovers.
class Archiver {
 public:
  Archiver(ArchiveParts parts, CopyRules rules, Clock& clock);

  void start();
  /// Waits for the current step.
  void stop() { ticker_.reset(); }

  /// Thread-safe.
  Metrics::Levels::Copying levels() const;

 private:
  std::chrono::milliseconds step();

  const ArchiveParts parts_;
  CopyToArchive copying_;
  Clock& clock_;
  std::minstd_rand random_{std::random_device{}()};
  std::string trouble_;
  std::unique_ptr<Ticker> ticker_;  // last, because its thread uses all members
};

}  // namespace packwalk
