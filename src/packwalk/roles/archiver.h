// The thread of ingest that copies messages to the archive.
#pragma once

#include <memory>
#include <random>
#include <stop_token>
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
  /// Cancels the current step, whose messages are copied again later.
  void stop() {
    stop_.request_stop();
    ticker_.reset();
  }

  /// Thread-safe.
  Metrics::Levels::Copying levels() const;

 private:
  std::chrono::milliseconds step();

  const ArchiveParts parts_;
  CopyToArchive copying_;
  Clock& clock_;
  std::minstd_rand random_{std::random_device{}()};
  std::string trouble_;
  std::stop_source stop_;
  std::unique_ptr<Ticker> ticker_;  // last, because its thread uses all members
};

}  // namespace packwalk
