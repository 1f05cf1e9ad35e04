// A schema of its own in the database that tools/with_servers.py started.
#pragma once

#include <string>
#include <vector>

namespace packwalk {

/// Migrated, and empty; it ends with the server. Everything throws what goes wrong.
class PostgresSchema {
 public:
  PostgresSchema();

  /// For make_postgres_store() and the like.
  const std::string& url() const { return url_; }

  void run(const std::string& statements) const;
  /// The first cell of the answer, as text; "" where it is NULL or there is none.
  std::string value_of(const std::string& query) const;
  /// The first cell of each row.
  std::vector<std::string> values_of(const std::string& query) const;

 private:
  std::string url_;
};

}  // namespace packwalk
