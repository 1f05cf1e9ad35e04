// What a process before left in the journal.
#pragma once

#include <functional>
#include <string_view>

#include "adapters/journal/segment_files.h"
#include "adapters/journal/segment_reader.h"
#include "base/finding.h"

namespace packwalk::journal {

/// Takes the sound records of all segments in their order, each with the number of its segment; `take` says whether it
/// could read one. Tells of each damaged file and keeps it aside. Only what is torn at the end of the last segment is
/// passed over in silence: a write that was never confirmed. `files` knows all segments afterwards. Errc::unavailable
/// when the folder or a file cannot be opened.
Result<void> read_leftovers(SegmentFiles& files, const TellFinding& tell,
                            const std::function<bool(const SoundRecord&, SegmentNumber)>& take);

}  // namespace packwalk::journal
