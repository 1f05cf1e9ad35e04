#include "packwalk/commands/import_embedded.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/postgres/postgres_archive_source.h"
#include "adapters/redis/bus.h"
#include "adapters/sqlite/sqlite_store.h"
#include "adapters/system/system_clock.h"
#include "app/ingest/import_device.h"
#include "base/text.h"
#include "packwalk/installation/installation.h"

namespace packwalk {
namespace {

struct ImportOptions : InstallationOptions {
  std::string from;
};

/// A household's data folder, locked against its server.
Result<std::unique_ptr<Store>> open_household(DataDirectory& directory) {
  const std::string database = directory.file("packwalk.db");
  if (!std::filesystem::exists(database)) return fail(Errc::not_found, "there is no " + database);
  if (auto locked = directory.lock(); !locked) return locked.failure();
  std::error_code none;
  if (std::filesystem::directory_iterator(directory.file("queue"), none) != std::filesystem::directory_iterator()) {
    return fail(Errc::conflict,
                "packets in " + directory.file("queue") +
                    " still wait for ingest. Start `packwalk serve` with this folder, stop it, then import");
  }
  return make_sqlite_store(database);
}

std::string missing_text(std::int64_t messages) {
  return counted(messages, "message is missing", "messages are missing");
}

/// A device of the household and its number in the database.
struct Moving {
  DeviceRecord record;
  DeviceNumber there;
};

class Import {
 public:
  /// The database has dropped messages that arrived before `kept_since`.
  Import(const Store& household, const Store& database, ServerTime kept_since, LiveFeed& live)
      : household_(household), database_(database), kept_since_(kept_since), live_(live) {}

  /// Prints the result. Returns whether all messages are there.
  Result<bool> run() {
    auto moved = move_devices();
    if (!moved) return moved.failure();
    const auto from = household_.message_reader();
    if (!from) return from.failure();
    const auto into = database_.ingest_store();
    if (!into) return into.failure();
    ImportTotals all;
    std::int64_t missing = 0;
    std::size_t done = 0;
    for (const Moving& device : *moved) {
      const auto totals =
          import_device(**from, device.record.device.number, {**into, device.there, kept_since_, live_});
      if (!totals) return totals.failure();
      const auto lacks = count_missing(**from, device.record.device.number, **into, device.there);
      if (!lacks) return lacks.failure();
      all.messages += totals->messages;
      all.imported += totals->imported;
      all.left += totals->left;
      const std::int64_t lost = std::max<std::int64_t>(*lacks - totals->left, 0);
      missing += lost;
      for (const auto& [why, count] : totals->left_because) {
        std::cout << device.record.device.id.text() << ": " << counted(count, "message was", "messages were")
                  << " left out: " << why << '\n';
      }
      if (lost > 0) {
        std::cout << device.record.device.id.text() << ": " << missing_text(lost) << '\n';
      }
      tell_progress(++done, moved->size(), all.messages);
    }
    std::cout << "devices " << moved->size() << " (" << added_ << " new), messages " << all.messages << ": "
              << all.imported << " imported now, " << all.messages - all.imported - all.left << " were there";
    if (all.left > 0) std::cout << ", " << all.left << " left out";
    if (missing > 0) {
      std::cout << ".\n" << missing_text(missing) << ".\n";
    } else {
      std::cout << ".\nEvery " << (all.left > 0 ? "other " : "")
                << "message was looked up in the database and compared byte by byte.\n";
    }
    return missing == 0 && all.left == 0;
  }

 private:
  static Result<std::vector<DeviceRecord>> records_of(DeviceRegistry& registry) {
    std::vector<DeviceRecord> records;
    const auto read = registry.changes_since(
        0, [&](const DeviceRecord& record) { records.push_back(record); }, leave_out);
    if (!read) return read.failure();
    return records;
  }

  /// Creates the missing devices, with the tokens that their collars use.
  Result<std::vector<Moving>> move_devices() {
    const auto here = household_.device_registry();
    if (!here) return here.failure();
    const auto there = database_.device_registry();
    if (!there) return there.failure();
    auto records = records_of(**here);
    if (!records) return records.failure();
    auto known = numbers_of(**there);
    if (!known) return known.failure();
    for (const DeviceRecord& record : *records) {
      const std::string& id = record.device.id.text();
      if (const auto found = known->find(id); found == known->end()) {
        if (auto added = add(**there, record); !added) return added.failure();
        ++added_;
      } else if (auto gone_on = go_on(**there, found->second, record); !gone_on) {
        return gone_on.failure();
      }
    }
    known = numbers_of(**there);
    if (!known) return known.failure();
    std::vector<Moving> moving;
    for (DeviceRecord& record : *records) {
      const DeviceNumber number = known->at(record.device.id.text()).device.number;
      moving.push_back({std::move(record), number});
    }
    return moving;
  }

  static Result<std::map<std::string, DeviceRecord>> numbers_of(DeviceRegistry& registry) {
    std::map<std::string, DeviceRecord> known;
    const auto read = registry.changes_since(
        0, [&](const DeviceRecord& record) { known.insert_or_assign(record.device.id.text(), record); }, leave_out);
    if (!read) return read.failure();
    return known;
  }

  /// Continues an import that was interrupted while it created the device. A device of the database's own keeps its
  /// token.
  static Result<void> go_on(DeviceRegistry& registry, const DeviceRecord& there, const DeviceRecord& record) {
    if (there.token == record.token) return {};
    const auto& replaced = record.replaced_tokens;
    const auto reached = there.token ? std::find(replaced.begin(), replaced.end(), *there.token) : replaced.end();
    if (reached == replaced.end()) {
      std::cout << record.device.id.text() << " is in the database already, with another token, which stays valid\n";
      return {};
    }
    return replace_tokens(registry, record, {reached + 1, replaced.end()});
  }

  /// Adds the tokens of `more` and the valid one, and then removes the device if the household removed it.
  static Result<void> replace_tokens(DeviceRegistry& registry, const DeviceRecord& record,
                                     std::vector<TokenHash> more) {
    if (record.token) more.push_back(*record.token);
    Result<void> done;
    for (std::size_t i = 0; done && i < more.size(); ++i) {
      done = registry.replace_token(record.device.id, more[i], record.device.created_at);
    }
    if (done && record.device.removed_at) done = registry.remove(record.device.id, *record.device.removed_at);
    return done;
  }

  /// Imports a device with all its tokens, the last of which is valid, and removes it if the household removed it.
  static Result<void> add(DeviceRegistry& registry, const DeviceRecord& record) {
    std::vector<TokenHash> tokens = record.replaced_tokens;
    if (tokens.empty()) tokens.push_back(record.token.value_or(hash_of_token(make_token())));
    auto added = registry.add(std::vector<NewDevice>{{record.device.id, tokens.front()}}, record.device.created_at);
    if (!added) return added;
    DeviceRecord rest = record;
    if (record.replaced_tokens.empty()) rest.token.reset();  // it exists already
    return replace_tokens(registry, rest, {tokens.begin() + 1, tokens.end()});
  }

  void tell_progress(std::size_t devices, std::size_t of, std::int64_t messages) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_line_) return;
    next_line_ = now + std::chrono::seconds(5);
    std::cerr << devices << " of " << of << " devices, " << messages << " messages\n";
  }

  const Store& household_;
  const Store& database_;
  const ServerTime kept_since_;
  LiveFeed& live_;
  std::size_t added_ = 0;
  std::chrono::steady_clock::time_point next_line_ = std::chrono::steady_clock::now() + std::chrono::seconds(2);
};

/// The feed for the imported positions.
Result<std::unique_ptr<LiveFeed>> live_feed(const Config& config) {
  if (!config.bus.is_used()) return std::make_unique<NobodyListens>();
  return make_redis_feed(config.bus);
}

/// The time from which the database has all messages.
Result<ServerTime> messages_kept_since(const Config& config, const Store& database) {
  const auto audit = database.audit_store();
  if (!audit) return audit.failure();
  const auto kept = (*audit)->kept_since();
  if (!kept) return kept.failure();
  const auto archived = make_postgres_archive_source(config.store.url)->archive_only_until();
  if (!archived) return archived.failure();
  return std::max(kept->messages, archived->value_or(kept->messages));
}

Result<bool> import_embedded(const ImportOptions& options) {
  auto installation = Installation::open(options);
  if (!installation) return installation.failure();
  const Config& config = installation->config();
  if (config.store.is_embedded())
    return fail(Errc::invalid_input,
                "store.url is not set, so there is no database to import into. Set it in the configuration");
  DataDirectory directory = DataDirectory::existing(options.from);
  const auto household = open_household(directory);
  if (!household) return household.failure();
  const auto database = installation->store();
  if (!database) return database.failure();
  const auto live = live_feed(config);
  if (!live) return live.failure();
  const auto kept_since = messages_kept_since(config, **database);
  if (!kept_since) return kept_since.failure();
  return Import(**household, **database, *kept_since, **live).run();
}

}  // namespace

void add_import_embedded(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ImportOptions>();
  CLI::App* command = app.add_subcommand("import-embedded",
                                         "Import the devices and messages of a household's data folder into the "
                                         "database store.url. You can repeat the import");
  command->add_option("from", options->from, "The data folder of a `packwalk serve`, which must be stopped")
      ->required()
      ->check(CLI::ExistingDirectory);
  options->add_to(*command, "Folder whose packwalk.toml names the store");
  command->callback([options, &chosen] {
    chosen = [options] {
      const auto complete = import_embedded(*options);
      if (!complete) return complain(complete.error().detail);
      return *complete ? exit_success : exit_failure;
    };
  });
}

}  // namespace packwalk
