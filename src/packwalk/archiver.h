// The thread of a server that copies to the archive.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "app/copy_to_archive.h"
#include "ports/clock.h"

namespace packwalk {

/// Both sides of the copying.
struct ArchiveParts {
  std::unique_ptr<ArchiveSource> source;
  std::unique_ptr<Archive> archive;
};

/// Copies as long as it lives, and logs when it begins to fail and when it no longer does. Its end waits for the step
/// under way.
class Archiver {
 public:
  Archiver(ArchiveParts parts, CopyRules rules, Clock& clock);
  Archiver(const Archiver&) = delete;
  Archiver& operator=(const Archiver&) = delete;
  ~Archiver();

  CopyLevels levels() const { return copying_.levels(); }

 private:
  void run();

  const ArchiveParts parts_;
  CopyToArchive copying_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace packwalk
