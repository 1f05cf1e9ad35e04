// Makes dead letters of uploads that cannot be committed.
#pragma once

#include <mutex>
#include <string>

#include "adapters/journal/dead_letters.h"
#include "adapters/journal/shared_uploads.h"
#include "base/finding.h"

namespace packwalk::journal {

/// Thread-safe. Tells of each letter that it writes.
class LetterWriter {
 public:
  LetterWriter(const std::string& folder, SharedUploads& uploads, TellFinding tell);

  /// On disk when this returns: before the journal lets go of the upload, and before its sender is told. Writes nothing
  /// of an erased device.
  Result<void> write(const Upload& upload, const std::string& why);
  /// All of a batch. Errc::unavailable when one could not be written.
  Result<void> write_all(const UploadBatch& batch, const Error& why);

  /// As long as it lives no letter is written.
  [[nodiscard]] std::unique_lock<std::mutex> pause() { return std::unique_lock(mutex_); }

 private:
  SharedUploads& uploads_;
  const TellFinding tell_;
  std::mutex mutex_;     // locked before that of the uploads
  DeadLetters letters_;  // guarded by mutex_
};

}  // namespace packwalk::journal
