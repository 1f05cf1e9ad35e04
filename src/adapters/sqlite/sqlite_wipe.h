// Removes all bytes of deleted data from the files of a SQLite database.
#pragma once

#include <string>

#include "base/result.h"

namespace packwalk::sql {

/// The pages to write: after a failed flush, all, because the kernel's cache may differ from the disk.
enum class WipedPages { with_remains, all };

/// Wipes the database at `path`, also while others use it; they sometimes wait for fractions of a second. SQLite
/// overwrites deleted rows (secure_delete), but copies remain in the log, and in the unused middle of pages from which
/// it moved rows. Empties and truncates the log, and overwrites unused parts of pages. Errc::unavailable: a reader has
/// held the log for a minute, or the disk failed. Then do it again, with all pages.
Result<void> wipe_deleted(const std::string& path, WipedPages pages = WipedPages::with_remains);

}  // namespace packwalk::sql
