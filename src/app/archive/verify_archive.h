// Compares the originals in the store with those in the archive, day by day.
#pragma once

#include <functional>

#include "ports/archive_source.h"
#include "ports/audit_store.h"

namespace packwalk {

/// The messages that arrived on one day, on both sides.
struct DayComparison {
  DayDigest store;  // with what was dropped there since
  DayDigest archive;

  Day day() const { return store.day; }
  bool equal() const { return store == archive; }
};

/// Of each day of `range` of which one side has messages, in their order. Reads all of them. What is committed
/// meanwhile may make its day differ.
Result<std::vector<DayComparison>> compare_days(AuditStore& store, ArchiveSource& source, Archive& archive,
                                                DayRange range);

/// Whether everything that arrived on a day is in the archive, and that since long enough to be on its disk.
struct DayProof {
  bool proven = false;
  DayDigest store;  // this and the next for ArchiveSource::drop(): what the store still has
  ServerTime copied_at{};
  std::string reason;  // why it is not proven
};

/// How long after it was written ClickHouse's system may have a part in memory alone: it flushes none.
inline constexpr std::chrono::hours settled_after{1};

Result<DayProof> prove_day(AuditStore& store, ArchiveSource& source, Archive& archive, Day day, ServerTime now);

}  // namespace packwalk
