// An installation of many programs around the servers of tools/with_servers.py: a database and a queue of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "child.h"

namespace packwalk::bench {

/// The servers' urls. Throws when they are not in the environment.
struct Servers {
  std::string postgres = url_of("PACKWALK_TEST_POSTGRES");
  std::string rabbitmq = url_of("PACKWALK_TEST_RABBITMQ");
  std::string redis = url_of("PACKWALK_TEST_REDIS");

  /// Takes all that tell of servers out of the environment, as packwalk refuses a variable that it does not know.
  Servers();

  static std::string url_of(const char* variable);
};

class Installation {
 public:
  /// Makes the database `name` and its schema.
  Installation(std::string packwalk, const Servers& servers, const std::string& name);

  const std::string& database_url() const { return database_url_; }
  /// A folder for commands. From here on programs that are started are this installation's.
  std::string use() const;
  /// A role, when it is ready.
  std::unique_ptr<Served> start(const std::string& role);

 private:
  const std::string packwalk_;
  const std::string database_url_;
  const std::vector<std::pair<std::string, std::string>> settings_;
  TemporaryFolder folder_;
  int started_ = 0;
};

/// Runs a statement at a database.
void run_statement(const std::string& url, const std::string& statement);
/// The first value of its answer, or all of its first row.
std::int64_t number_from(const std::string& url, const std::string& statement);
std::vector<std::int64_t> numbers_from(const std::string& url, const std::string& statement);

}  // namespace packwalk::bench
