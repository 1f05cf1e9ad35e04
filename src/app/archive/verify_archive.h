// Compares the originals in the store with those in the archive, day by day.
#pragma once

#include <functional>

#include "ports/archive_source.h"
#include "ports/audit_store.h"

namespace packwalk {

/// The messages that arrived on one day, on both sides.
struct DayComparison {
  DayDigest store;  // including messages that were dropped since
  DayDigest archive;

  Day day() const { return store.day; }
  bool equal() const { return store == archive; }
};

/// Compares each day of `range` with messages on either side, in order. Reads all messages. A commit during the
/// comparison may make its day differ.
Result<std::vector<DayComparison>> compare_days(AuditStore& store, ArchiveSource& source, Archive& archive,
                                                DayRange range);

/// Whether all messages that arrived on a day are in the archive, and have been for long enough to be on its disk.
struct DayProof {
  bool proven = false;
  DayDigest store;  // for ArchiveSource::drop(), like the next: the messages that the store still has
  ServerTime copied_at{};
  std::string reason;  // the reason if it is not proven
};

/// The longest time that written data may be only in the memory of ClickHouse's machine, because ClickHouse does not
/// flush.
inline constexpr std::chrono::hours settled_after{1};

Result<DayProof> prove_day(AuditStore& store, ArchiveSource& source, Archive& archive, Day day, ServerTime now);

}  // namespace packwalk
