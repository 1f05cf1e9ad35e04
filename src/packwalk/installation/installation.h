// An installation that a command works on: its configuration, its data folder, and the stores that it has.
#pragma once

#include <memory>
#include <string>

#include "app/archive/copy_to_archive.h"
#include "packwalk/configuration/config.h"
#include "packwalk/installation/data_directory.h"
#include "packwalk/installation/installation_options.h"
#include "ports/clock.h"
#include "ports/store.h"

namespace packwalk {

/// One thread. What it opens outlives it.
class Installation {
 public:
  /// As it is: neither a folder nor an embedded database is made. Reads the configuration and warns of unknown
  /// environment variables on standard error; opens nothing yet.
  static Result<Installation> open(const InstallationOptions& options);
  /// The same, and makes the folder, and later the embedded database, where they are missing.
  static Result<Installation> make(const InstallationOptions& options);
  /// The same, with a configuration that was read already.
  static Result<Installation> make(const std::string& data, Config config);

  const Config& config() const { return config_; }
  DataDirectory& directory() { return directory_; }
  const DataDirectory& directory() const { return directory_; }
  const std::string& data() const { return directory_.path(); }
  /// Of a file in the data folder.
  std::string path_of(const std::string& name) const { return directory_.file(name); }

  /// PostgreSQL where the configuration names one, else SQLite in the data folder. It is opened the first time.
  /// Errc::not_found when the embedded database is not there and may not be made. Good as long as this.
  Result<const Store*> store();

  // Parts of the store, opened once more by each call.
  Result<std::unique_ptr<DeviceRegistry>> device_registry() { return part(&Store::device_registry); }
  Result<std::unique_ptr<DeviceEraser>> device_eraser() { return part(&Store::device_eraser); }
  Result<std::unique_ptr<DeviceHealth>> device_health() { return part(&Store::device_health); }
  Result<std::unique_ptr<StoreKeeper>> keeper() { return part(&Store::keeper); }
  Result<std::unique_ptr<AnalysisStore>> analysis_store() { return part(&Store::analysis_store); }
  Result<std::unique_ptr<Outbox>> outbox() { return part(&Store::outbox); }
  Result<std::unique_ptr<QueryStore>> query_store() { return part(&Store::query_store); }
  // These look into the archive, where there is one, for messages that the store no longer has.
  Result<std::unique_ptr<MessageReader>> message_reader();
  Result<std::unique_ptr<IngestStore>> ingest_store(Clock& clock);
  Result<std::unique_ptr<AuditStore>> audit_store();
  /// Of the store alone.
  Result<std::unique_ptr<AuditStore>> audit_store_without_archive() { return part(&Store::audit_store); }

  /// The archive that the configuration names, and what is copied to it. Errc::invalid_input when it names none.
  Result<ArchiveParts> archive() const;

 private:
  enum class Missing { is_an_error, is_made };  // an embedded database that is not there

  Installation(DataDirectory directory, Config config, Missing missing);

  Result<std::unique_ptr<Store>> open_store() const;
  template <class Part>
  Result<std::unique_ptr<Part>> part(Result<std::unique_ptr<Part>> (Store::*open_part)() const) {
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
