// The thread of a server that copies to the archive.
#pragma once

#include <memory>
#include <random>
#include <string>

#include "app/archive/copy_to_archive.h"
#include "packwalk/roles/ticker.h"
#include "ports/clock.h"

namespace packwalk {

/// Copies as long as it lives, and logs when it begins to fail and when it no longer does. Its end waits for the step
/// under way.
class Archiver {
 public:
  Archiver(ArchiveParts parts, CopyRules rules, Clock& clock);

  CopyLevels levels() const { return copying_.levels(); }

 private:
  std::chrono::milliseconds step();

  const ArchiveParts parts_;
  CopyToArchive copying_;
  Clock& clock_;
  std::minstd_rand random_{std::random_device{}()};
  std::string trouble_;
  Ticker ticker_;  // last: its thread uses all of it
};

}  // namespace packwalk
