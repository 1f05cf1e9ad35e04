// Leaves no byte of what was deleted in the files of a SQLite database.
#pragma once

#include <string>

#include "base/result.h"

namespace packwalk::sql {

/// Which pages are written. After a flush that failed, the kernel's cache may have what the disk lacks: then all.
enum class WipedPages { with_remains, all };

/// Of the database at `path`, also while others use it, who wait for parts of a second now and then. SQLite overwrites
/// what it deletes (secure_delete), but copies remain: in the log, and in the unused middle of pages from which it
/// moved rows to another page. The log is emptied and cut back, and what is unused in pages is overwritten.
/// Errc::unavailable: a reader has kept the log for a minute, or the disk failed; do it again, with all pages.
Result<void> wipe_deleted(const std::string& path, WipedPages pages = WipedPages::with_remains);

}  // namespace packwalk::sql
