#include "adapters/postgres/client.h"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "base/work_limits.h"

namespace packwalk::sql {
namespace {

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Options = std::unique_ptr<PQconninfoOption, FreeOptions>;

/// Default parameters of libpq, which the url can override.
constexpr std::array<std::pair<const char*, const char*>, 7> defaults = {{
    {"application_name", "packwalk"},
    {"client_encoding", "UTF8"},
    {"tcp_user_timeout", "10000"},
    {"keepalives_idle", "5"},
    {"keepalives_interval", "2"},
    {"keepalives_count", "3"},
    // The plans of our statements do not depend on the values, and planning over many partitions is slow. The server
    // ends a session whose client is gone or hangs, because its locks block others.
    {"options",
     "-c plan_cache_mode=force_generic_plan -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 "
     "-c tcp_keepalives_count=3 -c tcp_user_timeout=10000 -c idle_in_transaction_session_timeout=60000 "
     "-c lock_timeout=30000"},
}};

/// The timeout per host of the url. Shorter if the work of the thread has less time left; libpq's least value is 2.
std::int64_t connect_seconds() {
  constexpr std::int64_t most = 5;
  constexpr std::int64_t least = 2;
  const auto left = work_limits().deadline - std::chrono::steady_clock::now();
  return std::clamp<std::int64_t>(std::chrono::ceil<std::chrono::seconds>(left).count(), least, most);
}

std::string trimmed_message(const char* text) {
  std::string message = text ? text : "";
  while (!message.empty() && message.back() == '\n') message.pop_back();
  std::replace(message.begin(), message.end(), '\n', ' ');
  message.erase(std::remove(message.begin(), message.end(), '\t'), message.end());
  return message;
}

Errc errc_of(std::string_view state) {
  if (state == "23505") return Errc::conflict;                        // a unique key
  if (state == "40001" || state == "40P01") return Errc::overloaded;  // two conflicting transactions
  if (state == "23514") return Errc::overloaded;  // a partition that existed a moment ago is missing: check again
  // A value that the column can never accept: another attempt would not help.
  if (state.starts_with("22") || state.starts_with("23") || state.starts_with("54")) return Errc::invalid_input;
  if (state == "P0002") return Errc::not_found;  // a lost partition
  if (state.starts_with("42") || state.starts_with("XX")) return Errc::broken;
  if (state == "0A000") return Errc::broken;  // columns of a prepared statement have another type
  return Errc::unavailable;
}

Result<Options> parsed_url(const std::string& url) {
  char* raw_error = nullptr;
  Options parsed(PQconninfoParse(url.c_str(), &raw_error));
  if (parsed) return parsed;
  PQfreemem(raw_error);  // it may show parts of the url
  return fail(Errc::invalid_input, "store.url is not valid. Write it as postgresql://user:password@host:port/database");
}

}  // namespace

bool is_url(const std::string& text) { return parsed_url(text).has_value(); }

bool has_password(const std::string& url) {
  const auto parsed = parsed_url(url);
  if (!parsed) return false;
  for (const PQconninfoOption* option = parsed->get(); option->keyword; ++option) {
    if (option->val && std::string_view(option->dispchar) == "*") return true;  // what a dialog would hide
  }
  return false;
}

Result<Client> connect_client(const std::string& url) {
  const auto parsed = parsed_url(url);
  if (!parsed) return parsed.failure();
  std::map<std::string, std::string> wanted(defaults.begin(), defaults.end());
  wanted["connect_timeout"] = std::to_string(connect_seconds());
  for (const PQconninfoOption* option = parsed->get(); option->keyword; ++option) {
    if (!option->val) continue;
    std::string& value = wanted[option->keyword];
    if (option->keyword == std::string_view("options")) {
      value.append(" ").append(option->val);
    } else {
      value = option->val;
    }
  }
  std::vector<const char*> names;
  std::vector<const char*> values;
  for (const auto& [name, value] : wanted) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  Client client(PQconnectdbParams(names.data(), values.data(), 0));
  if (PQstatus(client.get()) != CONNECTION_OK) {
    return fail(Errc::unavailable, "PostgreSQL: " + trimmed_message(PQerrorMessage(client.get())));
  }
  PQsetNoticeProcessor(
      client.get(), [](void*, const char*) {}, nullptr);
  return client;
}

Failure failure_of(const Client& client, const PGresult* answer) {
  const char* state = answer ? PQresultErrorField(answer, PG_DIAG_SQLSTATE) : nullptr;
  std::string message = trimmed_message(answer ? PQresultErrorMessage(answer) : nullptr);
  if (message.empty()) message = trimmed_message(PQerrorMessage(client.get()));
  return fail(state ? errc_of(state) : Errc::unavailable, "PostgreSQL: " + message);
}

Answer exec(const Client& client, const char* text, std::chrono::milliseconds patience) {
  const Watch watch(client.get(), patience);
  return Answer(PQexec(client.get(), text));
}

Result<void> run_simple(const Client& client, const char* text, std::chrono::milliseconds patience) {
  const Answer answer = exec(client, text, patience);
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) return failure_of(client, answer.get());
  return {};
}

}  // namespace packwalk::sql
