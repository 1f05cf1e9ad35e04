#include "tests/support/postgres_schema.h"

#include <cstdlib>
#include <random>
#include <stdexcept>

#include "adapters/postgres/client.h"
#include "adapters/postgres/postgres_schema.h"

namespace packwalk {
namespace {

sql::Client connected_to(const std::string& url) {
  auto client = sql::connect_client(url);
  if (!client) throw std::runtime_error(client.error().detail);
  return *std::move(client);
}

std::string server_url() {
  const char* url = std::getenv("PACKWALK_TEST_POSTGRES");
  if (!url) throw std::runtime_error("no PostgreSQL: run the tests with tools/with_servers.py");
  return url;
}

void run_at(const std::string& url, const std::string& statements) {
  const auto done = sql::run_simple(connected_to(url), statements.c_str());
  if (!done) throw std::runtime_error(done.error().detail);
}

}  // namespace

PostgresSchema::PostgresSchema() {
  // Not by the number of the process: that comes again, and nobody drops a schema when its test is done.
  std::random_device random;
  const std::string name = "test_" + std::to_string(random()) + "_" + std::to_string(random());
  run_at(server_url(), "CREATE SCHEMA " + name);
  url_ = server_url() + "?options=-csearch_path%3D" + name + ",public";
  static_cast<void>(sql::migrate_postgres(url_).value());
}

void PostgresSchema::run(const std::string& statements) const { run_at(url_, statements); }

std::string PostgresSchema::value_of(const std::string& query) const {
  const auto values = values_of(query);
  return values.empty() ? "" : values.front();
}

std::vector<std::string> PostgresSchema::values_of(const std::string& query) const {
  const sql::Client client = connected_to(url_);
  const sql::Answer answer(PQexec(client.get(), query.c_str()));
  if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQresultErrorMessage(answer.get()));
  std::vector<std::string> values;
  for (int row = 0; row < PQntuples(answer.get()); ++row) values.emplace_back(PQgetvalue(answer.get(), row, 0));
  return values;
}

}  // namespace packwalk
