// The installation on which a command works: its configuration, its data folder and its stores.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "app/archive/copy_to_archive.h"
#include "packwalk/configuration/config.h"
#include "packwalk/installation/data_directory.h"
#include "packwalk/installation/installation_options.h"
#include "ports/clock.h"
#include "ports/store.h"

namespace packwalk {

/// For one thread. The stores that it opens outlive it.
class Installation {
 public:
  /// Uses an existing installation: creates neither a folder nor an embedded database. Reads the configuration and
  /// warns of unknown environment variables on standard error. Opens nothing yet.
  static Result<Installation> open(const InstallationOptions& options);
  /// The same, but creates the folder, and later the embedded database, if they are missing.
  static Result<Installation> make(const InstallationOptions& options);
  /// The same, with a loaded configuration.
  static Result<Installation> make(const std::string& data, Config config);

  const Config& config() const { return config_; }
  DataDirectory& directory() { return directory_; }
  const DataDirectory& directory() const { return directory_; }
  const std::string& data() const { return directory_.path(); }
  /// The path of a file in the data folder.
  std::string path_of(const std::string& name) const { return directory_.file(name); }

  /// PostgreSQL if the configuration names it, otherwise SQLite in the data folder. The first call opens it.
  /// Errc::not_found: the embedded database is missing and may not be created. Valid as long as this object.
  Result<const Store*> store();

  // Parts of the store. Each call opens another connection. An embedded database of an older version is migrated first.
  // Errc::conflict: a process of that version uses it.
  Result<std::unique_ptr<DeviceRegistry>> device_registry() { return part(&Store::device_registry); }
  Result<std::unique_ptr<DeviceEraser>> device_eraser() { return part(&Store::device_eraser); }
  Result<std::unique_ptr<DeviceHealth>> device_health() { return part(&Store::device_health); }
  Result<std::unique_ptr<StoreKeeper>> keeper() { return part(&Store::keeper); }
  Result<std::unique_ptr<AnalysisStore>> analysis_store() { return part(&Store::analysis_store); }
  Result<std::unique_ptr<Outbox>> outbox() { return part(&Store::outbox); }
  Result<std::unique_ptr<QueryStore>> query_store() { return part(&Store::query_store); }
  // These also read messages from the archive, if there is one.
  Result<std::unique_ptr<MessageReader>> message_reader();
  Result<std::unique_ptr<IngestStore>> ingest_store(Clock& clock);
  /// This and the next do not migrate. Errc::conflict: the database is of an older version.
  Result<std::unique_ptr<AuditStore>> audit_store();
  /// Reads only the store.
  Result<std::unique_ptr<AuditStore>> audit_store_without_archive() { return part_as_it_is(&Store::audit_store); }

  /// The archive of the configuration, and the source of its copies. Errc::invalid_input: the configuration names no
  /// archive.
  Result<ArchiveParts> archive() const;

 private:
  enum class Missing { is_an_error, is_made };  // an embedded database that does not exist

  Installation(DataDirectory directory, Config config, Missing missing);

  Result<std::unique_ptr<Store>> open_store() const;
  Result<void> migrate_embedded(std::chrono::steady_clock::time_point deadline);
  template <class Part>
  Result<std::unique_ptr<Part>> part(Result<std::unique_ptr<Part>> (Store::*open_part)() const) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    if (auto migrated = migrate_embedded(deadline); !migrated) return migrated.failure();
    return part_as_it_is(open_part);
  }
  template <class Part>
  Result<std::unique_ptr<Part>> part_as_it_is(Result<std::unique_ptr<Part>> (Store::*open_part)() const) {
    const auto opened = store();
    if (!opened) return opened.failure();
    return ((*opened)->*open_part)();
  }

  DataDirectory directory_;
  Config config_;
  Missing missing_;
  std::unique_ptr<Store> store_;
};

}  // namespace packwalk
