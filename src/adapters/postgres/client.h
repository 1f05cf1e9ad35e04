// libpq's handles, and functions for all their users.
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

/// Whether connect_client() can parse the url. Does not connect.
bool is_url(const std::string& text);

/// Whether such a url holds a password.
bool has_password(const std::string& url);

/// Connected to the database at `url` (postgresql://user:password@host:port/name, or what else libpq takes; several
/// hosts are tried in turn). Errc::unavailable: no server answers, or it refuses. Errc::invalid_input: the url is not
/// valid. Errors never show a password.
Result<Client> connect_client(const std::string& url);

/// The error of `answer`, or without one that of the connection. Errc::conflict: a unique key. Errc::overloaded: two
/// transactions conflict. Errc::invalid_input: a value that a column cannot accept. Errc::not_found: a part of the
/// store is lost. Errc::broken: the database is damaged or has another schema. Errc::unavailable: try again later.
Failure failure_of(const Client& client, const PGresult* answer);

/// PQexec under a Watch.
Answer exec(const Client& client, const char* text, std::chrono::milliseconds patience = usual_patience);

/// Runs statements without parameters, and returns the last answer.
Result<void> run_simple(const Client& client, const char* text, std::chrono::milliseconds patience = usual_patience);

}  // namespace packwalk::sql
