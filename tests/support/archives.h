// The places that keep originals, on which their contract runs. A new one is a line in archives.cc.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "adapters/clickhouse/clickhouse_archive.h"
#include "ports/archive.h"

namespace packwalk {

struct ArchiveAdapter {
  std::string name;
  /// Empty at first, and removed at the end.
  std::function<std::unique_ptr<Archive>()> install;

  friend std::ostream& operator<<(std::ostream& out, const ArchiveAdapter& adapter) { return out << adapter.name; }
};

/// The archives, and the stores as ingest fills them and questions and audits read them.
std::vector<ArchiveAdapter> archive_adapters();

/// A database of its own in the ClickHouse that tools/with_servers.py started, with a table.
class ClickhouseInstallation {
 public:
  ClickhouseInstallation();
  ClickhouseInstallation(const ClickhouseInstallation&) = delete;
  ClickhouseInstallation& operator=(const ClickhouseInstallation&) = delete;
  ~ClickhouseInstallation();

  ArchiveOptions options() const;
  /// What ClickHouse answers to one statement in this database; throws when it refuses.
  std::string run(const std::string& statement) const;

 private:
  std::string database_;
};

}  // namespace packwalk
