// libpq's handles, and what every use of them needs.
#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <memory>
#include <string>

#include "adapters/postgres/watch.h"
#include "base/result.h"

namespace packwalk::sql {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};

using Client = std::unique_ptr<PGconn, CloseConnection>;
using Answer = std::unique_ptr<PGresult, ClearResult>;

/// Whether connect_client() can parse it. Does not connect.
bool is_url(const std::string& text);

/// Connected to the database at `url` (postgresql://user:password@host:port/name, or what else libpq takes; several
/// hosts are tried in turn). Errc::unavailable when nobody answers or refuses, Errc::invalid_input for what
/// is no url. No error shows a password.
Result<Client> connect_client(const std::string& url);

/// What went wrong: `answer` tells, or without one the connection. Errc::conflict: a unique key; Errc::overloaded: two
/// transactions in each other's way; Errc::invalid_input: a value that it cannot take; Errc::not_found: a part of the
/// store is lost; Errc::broken: the database is damaged or has another schema; Errc::unavailable: try again later.
Failure failure_of(const Client& client, const PGresult* answer);

/// PQexec under a Watch.
Answer exec(const Client& client, const char* text, std::chrono::milliseconds patience = usual_patience);

/// Runs statements without parameters; the last one's answer counts.
Result<void> run_simple(const Client& client, const char* text, std::chrono::milliseconds patience = usual_patience);

}  // namespace packwalk::sql
