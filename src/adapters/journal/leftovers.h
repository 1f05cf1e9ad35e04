// Reads the uploads that a previous process left in the journal.
#pragma once

#include <functional>
#include <string_view>

#include "adapters/journal/segment_files.h"
#include "adapters/journal/segment_reader.h"
#include "base/finding.h"

namespace packwalk::journal {

/// Passes the sound records of all segments, in order, to `take`, each with the number of its segment; `take` returns
/// whether it could decode it. Reports each damaged file and moves it aside. Ignores a torn record at the end of the
/// last segment: that write was never confirmed. Afterwards, `files` has all segments. Errc::unavailable: the folder or
/// a file cannot be opened.
Result<void> read_leftovers(SegmentFiles& files, const TellFinding& tell,
                            const std::function<bool(const SoundRecord&, SegmentNumber)>& take);

}  // namespace packwalk::journal
