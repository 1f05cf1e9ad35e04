#include "tests/support/stores.h"

#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "adapters/postgres/client.h"
#include "adapters/postgres/postgres_schema.h"
#include "adapters/postgres/postgres_store.h"
#include "adapters/sqlite/sqlite_store.h"
#include "tests/support/temporary_folder.h"

namespace packwalk {
namespace {

class SqliteInstallation final : public Installation {
 public:
  SqliteInstallation() { static_cast<void>(device_registry()); }  // readers may be the first to come

 private:
  const Store& store() const override { return *store_; }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_ = make_sqlite_store(folder_.file("packwalk.db"));
};

/// A schema of its own in the database that tools/with_servers.py started. It is emptied and used again, as making one
/// takes long.
class PostgresInstallation final : public Installation {
 public:
  PostgresInstallation() : name_(free_name()), store_(make_postgres_store(url_of(name_))) {}
  ~PostgresInstallation() override {
    std::string text = "SET search_path = " + name_;
    for (const char* table : {"tokens", "devices", "messages", "fixes", "samples", "states", "status_outbox", "stale_windows"}) {
      text.append("; DELETE FROM ").append(table);
    }
    run(text);
    free_names().push_back(name_);
  }

 private:
  static std::string server_url() {
    const char* url = std::getenv("PACKWALK_TEST_POSTGRES");
    if (!url) throw std::runtime_error("no PostgreSQL: run the tests with tools/with_servers.py");
    return url;
  }
  static void run(const std::string& text) {
    const auto client = sql::connect_client(server_url());
    if (!client) throw std::runtime_error(client.error().detail);
    if (const auto done = sql::run_simple(*client, text.c_str()); !done) throw std::runtime_error(done.error().detail);
  }
  static std::vector<std::string>& free_names() {
    static std::vector<std::string> names;
    return names;
  }
  static std::string free_name() {
    auto& names = free_names();
    if (!names.empty()) {
      std::string name = std::move(names.back());
      names.pop_back();
      return name;
    }
    static int made = 0;
    std::string name = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++made);
    run("CREATE SCHEMA " + name);
    static_cast<void>(sql::migrate_postgres(url_of(name)).value());
    return name;
  }
  static std::string url_of(const std::string& schema) {
    return server_url() + "?options=-csearch_path%3D" + schema + ",public";
  }
  const Store& store() const override { return *store_; }

  std::string name_;
  std::unique_ptr<Store> store_;
};

}  // namespace

std::vector<StoreAdapter> store_adapters() {
  return {{"sqlite", [] { return std::make_unique<SqliteInstallation>(); }},
          {"postgres", [] { return std::make_unique<PostgresInstallation>(); }}};
}

}  // namespace packwalk
