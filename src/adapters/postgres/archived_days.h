// The days of arrival whose messages are in the archive. Drops such days.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/postgres/client.h"
#include "adapters/sql/connection.h"
#include "ports/archive.h"

namespace packwalk::sql {

/// As the database counts days, and when one begins.
std::int64_t number_of(Day day);
std::int64_t start_of(Day day);
/// "messages_20260131"
std::string partition_of(Day day);

/// What ArchiveSource says of days, on a connection that outlives this.
class ArchivedDays {
 public:
  ArchivedDays(Connection& connection, std::string url) : connection_(connection), url_(std::move(url)) {}

  Result<std::optional<ServerTime>> copied_at(Day day);
  Result<std::vector<Day>> attached();
  Result<bool> drop(const DayDigest& digest, ServerTime copied);
  /// Waits for transactions that began before an erasure.
  Result<void> wait_for_drops();

 private:
  enum class Attachment { apart, attached, half_detached };

  Result<void> no_erasure();
  Result<Attachment> attachment_of(const std::string& partition);
  Result<void> detach(const Client& client, const std::string& partition);
  Result<bool> drop_detached(const Client& client, const DayDigest& digest, ServerTime copied);
  Result<void> bring_back_interrupted();
  Result<void> bring_back(const Client& client, Day day);

  Connection& connection_;
  const std::string url_;
};

}  // namespace packwalk::sql
