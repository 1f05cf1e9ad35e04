#include "packwalk/commands/migrate.h"

#include <CLI/CLI.hpp>
#include <chrono>
#include <iostream>
#include <memory>

#include "adapters/postgres/partitions.h"
#include "adapters/postgres/postgres_archive_source.h"
#include "adapters/postgres/postgres_schema.h"
#include "adapters/system/system_clock.h"
#include "packwalk/installation/installation.h"

namespace packwalk {
namespace {

int run_migrate(const InstallationOptions& options) {
  const auto installation = Installation::open(options);
  if (!installation) return complain(installation.error().detail);
  const Config& config = installation->config();
  if (config.store.is_embedded())
    return complain("store.url is not set. Set it to migrate PostgreSQL; SQLite is migrated by `packwalk serve`");
  const auto before = sql::migrate_postgres(config.store.url);
  if (!before) return complain(before.error().detail);
  const auto now = make_system_clock()->now();
  if (auto made = sql::make_partitions(config.store.url, sql::partitions_ahead(now)); !made) {
    return complain(made.error().detail);
  }
  if (config.archive.is_used()) {
    if (auto made = make_archive_table(config.archive); !made) return complain(made.error().detail);
    if (auto made = index_arrivals(config.store.url); !made) return complain(made.error().detail);
  }
  std::cout << "The schema was version " << *before << " and now is version " << sql::postgres_schema_version << ".\n";
  return exit_success;
}

}  // namespace

void add_migrate(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<InstallationOptions>();
  CLI::App* command = app.add_subcommand(
      "migrate", "Migrate the schema of the PostgreSQL database store.url, and create the archive's table");
  options->add_to(*command, "Folder whose packwalk.toml names the store");
  command->callback([options, &chosen] { chosen = [options] { return run_migrate(*options); }; });
}

}  // namespace packwalk
