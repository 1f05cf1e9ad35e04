#include "adapters/postgres/postgres_device_eraser.h"

#include <utility>

#include "adapters/postgres/postgres_schema.h"
#include "adapters/sql/sql_device_eraser.h"
#include "base/text.h"

namespace packwalk::sql {
namespace {

// Tables that were partitions once. Queries do not see rows of a partition that is being detached.
constexpr const char* select_put_aside =
    "SELECT name FROM partitions WHERE to_regclass(quote_ident(name)) IS NOT NULL AND NOT EXISTS "
    "(SELECT FROM pg_inherits WHERE inhrelid = to_regclass(quote_ident(name)) AND NOT inhdetachpending) ORDER BY name";
constexpr const char* select_archived = "SELECT 1 WHERE EXISTS (SELECT FROM archived_days)";

class PostgresDeviceEraser final : public DeviceEraser {
 public:
  PostgresDeviceEraser(std::string url, std::unique_ptr<DeviceEraser> store, ListForArchive listing)
      : url_(std::move(url)), store_(std::move(store)), listing_(listing) {}

  Result<DeviceNumber> find(const DeviceId& id) override { return store_->find(id); }
  Result<std::vector<std::string>> unfinished() override { return store_->unfinished(); }
  Result<void> begin(DeviceNumber device, ServerTime now) override {
    if (listing_ == ListForArchive::no) {
      if (auto none = no_archive(); !none) return none;
    }
    return store_->begin(device, now);
  }
  Result<std::int64_t> erase_some(DeviceNumber device, std::size_t rows_max) override {
    return store_->erase_some(device, rows_max);
  }
  Result<void> end(DeviceNumber device, ServerTime now) override { return store_->end(device, now); }

  /// The store first: rows that are detached meanwhile are counted twice instead of never.
  Result<std::vector<RowCount>> count(DeviceNumber device) override {
    auto counts = store_->count(device);
    if (!counts) return counts;
    const auto client = connect_to_migrated(url_);
    if (!client) return client.failure();
    const Answer names = exec(*client, select_put_aside);
    if (PQresultStatus(names.get()) != PGRES_TUPLES_OK) return failure_of(*client, names.get());
    for (int i = 0; i < PQntuples(names.get()); ++i) {
      const std::string name = PQgetvalue(names.get(), i, 0);  // created by make_partitions()
      const std::string text = "SELECT count(*) FROM " + name + " WHERE device = " + std::to_string(device.value);
      const Answer count = exec(*client, text.c_str(), long_patience);
      if (PQresultStatus(count.get()) != PGRES_TUPLES_OK) return failure_of(*client, count.get());
      const auto rows = number_from<std::int64_t>(std::string_view(PQgetvalue(count.get(), 0, 0)));
      if (rows.value_or(0) > 0) counts->push_back({name + " (put aside)", *rows});
    }
    return counts;
  }

 private:
  Result<void> no_archive() {
    const auto client = connect_to_migrated(url_);
    if (!client) return client.failure();
    const Answer archived = exec(*client, select_archived);
    if (PQresultStatus(archived.get()) != PGRES_TUPLES_OK) return failure_of(*client, archived.get());
    if (PQntuples(archived.get()) == 0) return {};
    return fail(Errc::invalid_input,
                "messages were copied to an archive, but archive.url is not set. Set it, and run this again");
  }

  const std::string url_;
  const std::unique_ptr<DeviceEraser> store_;
  const ListForArchive listing_;
};

}  // namespace

std::unique_ptr<DeviceEraser> make_postgres_device_eraser(std::string url, std::unique_ptr<Connection> connection,
                                                          ListForArchive listing) {
  return std::make_unique<PostgresDeviceEraser>(std::move(url), make_sql_device_eraser(std::move(connection)), listing);
}

}  // namespace packwalk::sql
