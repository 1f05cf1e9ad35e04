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

/// One stretch of one table.
struct Partition {
  const char* table = "";
  std::string name;        // messages_20260131, fixes_202601
  std::int64_t from = 0;   // of the column that divides the table, included
  std::int64_t until = 0;  // excluded

  friend auto operator<=>(const Partition& a, const Partition& b) { return a.name <=> b.name; }
  friend bool operator==(const Partition& a, const Partition& b) { return a.name == b.name; }
};

/// Taken, until the end of a transaction, by who adds or removes one.
inline constexpr const char* lock_partitions =
    "SELECT pg_advisory_xact_lock(hashtext('packwalk partitions'), 'messages'::regclass::oid::int)";

/// Those that hold `cells`, rows of `table`; none for a table that is not divided.
std::set<Partition> partitions_of(const Table& table, std::span<const Value> cells);

/// Those of all divided tables from `now` to some days and months later.
std::set<Partition> partitions_ahead(ServerTime now);

/// Those among `names` of `table` that hold nothing from `cutoff` on, oldest first; names that are none of ours are
/// left out. `cutoff` is a value of the column that divides the table.
std::vector<Partition> partitions_before(const char* table, const std::vector<std::string>& names, std::int64_t cutoff);

/// Makes those that are missing, each in a transaction of a connection of its own: nobody who writes waits for it.
/// One that was detached by hand is attached again. One of fixes or samples that is gone is not made anew, as the keys
/// that it judged are gone with it: Errc::invalid_input when the policy took it, Errc::not_found when nobody knows why.
Result<void> make_partitions(const std::string& url, const std::set<Partition>& partitions,
                             std::chrono::seconds patience = usual_patience);

/// Makes what rows need, and remembers what is there. One thread.
class Partitions {
 public:
  Partitions(std::string url, std::chrono::seconds patience) : url_(std::move(url)), patience_(patience) {}

  /// `client` is about to write the rows. Returns how many partitions they are for, 0 when the table is not divided.
  Result<std::size_t> make_for(const Table& table, std::span<const Value> cells, const Client& client);
  /// One may have been detached.
  void forget() { known_.clear(); }

 private:
  const std::string url_;
  const std::chrono::seconds patience_;
  std::set<Partition> known_;
};

}  // namespace packwalk::sql
