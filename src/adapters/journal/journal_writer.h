// The writer of the journal: appends arrived uploads to segments, and fulfils requests of other processes.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "adapters/journal/letter_writer.h"
#include "adapters/journal/segment_files.h"
#include "adapters/journal/set_aside_count.h"
#include "adapters/journal/shared_uploads.h"
#include "base/finding.h"

namespace packwalk::journal {

/// One thread. Everything that it refers to outlives it.
class JournalWriter {
 public:
  JournalWriter(SegmentFiles& files, SharedUploads& uploads, LetterWriter& letters, DecodeUpload decode,
                TellFinding tell);

  /// Runs until the uploads are closed and all arrived ones are written.
  void run();

  /// Frees segments whose records are all settled.
  void free_settled();
  Result<void> count_set_aside();

 private:
  struct Prepared;

  void write(std::span<Arrived> rest);
  Result<Prepared> prepare(std::span<Arrived> group);
  std::size_t write_some(std::span<Arrived> group);
  void grant_wishes();
  Result<void> overwrite_erased();
  Result<void> take_requeued();
  void tell_trouble(const std::string& trouble) { tell_({Severity::doubtful, "journal", trouble, ""}); }

  SegmentFiles& files_;
  SharedUploads& uploads_;
  LetterWriter& letters_;
  const DecodeUpload decode_;
  const TellFinding tell_;
  SetAsideCount set_aside_count_;
  std::string told_trouble_;  // of requests, so that it is logged once
};

}  // namespace packwalk::journal
