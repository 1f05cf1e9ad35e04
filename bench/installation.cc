#include "installation.h"

#include <libpq-fe.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "http_load.h"

namespace packwalk::bench {
namespace {

struct Close {
  void operator()(PGconn* client) const { PQfinish(client); }
  void operator()(PGresult* answer) const { PQclear(answer); }
};
using Answer = std::unique_ptr<PGresult, Close>;

Answer answer_to(const std::string& url, const std::string& statement) {
  const std::unique_ptr<PGconn, Close> client(PQconnectdb(url.c_str()));
  Answer answer(PQexec(client.get(), statement.c_str()));
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error(std::string("PostgreSQL: ") + PQerrorMessage(client.get()));
  }
  return answer;
}

bool is_ready(std::uint16_t port) {
  try {
    BlockingClient(port).exchange(get_request("/readyz", ""));
    return true;
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

std::string Servers::url_of(const char* variable) {
  const char* found = std::getenv(variable);
  if (!found) throw std::runtime_error(std::string(variable) + " is not set: run this with tools/with_servers.py");
  return found;
}

Servers::Servers() {
  std::vector<std::string> names;
  for (char** each = environ; *each != nullptr; ++each) {
    const std::string_view variable = *each;
    if (variable.starts_with("PACKWALK_TEST_")) names.emplace_back(variable.substr(0, variable.find('=')));
  }
  for (const std::string& name : names) ::unsetenv(name.c_str());
}

Installation::Installation(std::string packwalk, const Servers& servers, const std::string& name)
    : packwalk_(std::move(packwalk)),
      database_url_(servers.postgres.substr(0, servers.postgres.rfind('/') + 1) + name),
      settings_{{"PACKWALK_STORE_URL", database_url_},
                {"PACKWALK_QUEUE_URLS", servers.rabbitmq},
                {"PACKWALK_QUEUE_NAME", "bench." + name},
                {"PACKWALK_BUS_URL", servers.redis},
                {"PACKWALK_BUS_CHANNEL", "bench." + name}} {
  run_statement(servers.postgres, "CREATE DATABASE " + name);
  output_of(packwalk_ + " migrate --data " + use());
}

std::string Installation::use() const {
  for (const auto& [name, value] : settings_) ::setenv(name.c_str(), value.c_str(), 1);
  return folder_.path();
}

std::unique_ptr<Served> Installation::start(const std::string& role) {
  const std::string folder = use() + "/" + role + "-" + std::to_string(++started_);
  auto served = std::make_unique<Served>(packwalk_, role, folder);
  for (int i = 0; i < 3000; ++i) {
    if (is_ready(served->port())) return served;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("packwalk " + role + " does not get ready");
}

void run_statement(const std::string& url, const std::string& statement) { answer_to(url, statement); }

std::int64_t number_from(const std::string& url, const std::string& statement) {
  return numbers_from(url, statement).at(0);
}

std::vector<std::int64_t> numbers_from(const std::string& url, const std::string& statement) {
  const Answer answer = answer_to(url, statement);
  std::vector<std::int64_t> numbers;
  for (int column = 0; column < PQnfields(answer.get()); ++column) {
    numbers.push_back(std::atoll(PQgetvalue(answer.get(), 0, column)));
  }
  return numbers;
}

}  // namespace packwalk::bench
