// Turns uploads that cannot be committed into dead letters.
#pragma once

#include <mutex>
#include <string>

#include "adapters/journal/dead_letters.h"
#include "adapters/journal/shared_uploads.h"
#include "base/finding.h"

namespace packwalk::journal {

/// Thread-safe. Reports each letter that it writes.
class LetterWriter {
 public:
  LetterWriter(const std::string& folder, SharedUploads& uploads, TellFinding tell);

  /// The letter is on disk when this returns: before the journal releases the upload, and before its sender gets an
  /// answer. Writes nothing for an erased device.
  Result<void> write(const Upload& upload, const std::string& why);
  /// All letters of a batch. Errc::unavailable: one could not be written.
  Result<void> write_all(const UploadBatch& batch, const Error& why);

  /// While it lives, no letter is written.
  [[nodiscard]] std::unique_lock<std::mutex> pause() { return std::unique_lock(mutex_); }

 private:
  SharedUploads& uploads_;
  const TellFinding tell_;
  std::mutex mutex_;     // locked before that of the uploads
  DeadLetters letters_;  // guarded by mutex_
};

}  // namespace packwalk::journal
