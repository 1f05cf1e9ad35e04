// The partitions of the large tables: messages by day of arrival, fixes and samples by month of their time, UTC.
#pragma once

#include <chrono>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "adapters/postgres/client.h"
#include "adapters/sql/connection.h"
#include "base/units.h"

namespace packwalk::sql {

/// One range of one table.
struct Partition {
  const char* table = "";
  std::string name;        // messages_20260131, fixes_202601
  std::int64_t from = 0;   // of the column that divides the table, included
  std::int64_t until = 0;  // excluded

  friend auto operator<=>(const Partition& a, const Partition& b) { return a.name <=> b.name; }
  friend bool operator==(const Partition& a, const Partition& b) { return a.name == b.name; }
};

/// A transaction that adds or removes a partition holds this lock.
inline constexpr const char* lock_partitions =
    "SELECT pg_advisory_xact_lock(hashtext('packwalk partitions'), 'messages'::regclass::oid::int)";

/// The partitions for `cells`, rows of `table`; none if the table is not partitioned.
std::set<Partition> partitions_of(const Table& table, std::span<const Value> cells);

/// The partitions of all partitioned tables from `now` to some days and months later.
std::set<Partition> partitions_ahead(ServerTime now);

/// The partitions among `names` of `table` without rows from `cutoff` on, oldest first. Ignores foreign names. `cutoff`
/// is a value of the partition column.
std::vector<Partition> partitions_before(const char* table, const std::vector<std::string>& names, std::int64_t cutoff);

/// Creates missing partitions, each in a transaction of a connection of its own, so that no writer waits for it.
/// Attaches a partition again that was detached by hand. Does not recreate a lost partition of fixes or samples,
/// because its keys decided verdicts: Errc::invalid_input if retention dropped it, Errc::not_found if the cause is
/// unknown.
Result<void> make_partitions(const std::string& url, const std::set<Partition>& partitions,
                             std::chrono::seconds patience = usual_patience);

/// Creates the partitions that rows need, and caches which exist. One thread.
class Partitions {
 public:
  Partitions(std::string url, std::chrono::seconds patience) : url_(std::move(url)), patience_(patience) {}

  /// Call it before `client` writes the rows. Returns the number of their partitions, 0 if the table is not
  /// partitioned.
  Result<std::size_t> make_for(const Table& table, std::span<const Value> cells, const Client& client);
  /// One may have been detached.
  void forget() { known_.clear(); }

 private:
  const std::string url_;
  const std::chrono::seconds patience_;
  std::set<Partition> known_;
};

}  // namespace packwalk::sql
