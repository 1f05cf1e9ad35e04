// The writer of the journal: it appends what has arrived to segments, and grants what other processes wish.
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

/// One thread. All that it refers to outlives it.
class JournalWriter {
 public:
  JournalWriter(SegmentFiles& files, SharedUploads& uploads, LetterWriter& letters, DecodeUpload decode,
                TellFinding tell);

  /// Until the uploads are closed and all that arrived is written.
  void run();

  /// Segments in which all is settled may be used again.
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
  std::string told_trouble_;  // of wishes, so that it is told once
};

}  // namespace packwalk::journal
