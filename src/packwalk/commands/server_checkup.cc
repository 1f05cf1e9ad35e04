#include "packwalk/commands/server_checkup.h"

#include <fstream>
#include <optional>
#include <string>

#include "base/json_reader.h"
#include "base/text.h"
#include "collars/collar_client.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds patience{5};

std::optional<std::string> first_word_of(const std::string& path) {
  std::string word;
  std::ifstream in(path);
  return in >> word ? std::optional(word) : std::nullopt;
}

/// The loopback address of a server that listens on all addresses.
ServerAddress reached_from_here(ServerAddress address) {
  if (address.host == "0.0.0.0") address.host = "127.0.0.1";
  if (address.host == "::") address.host = "::1";
  return address;
}

Result<CollarAnswer> ask(const ServerAddress& address) {
  CollarClient client(reached_from_here(address), {.connections_max = 1, .timeout = patience});
  return client.get("/readyz", "");
}

/// The cause that the operators' address gives for a server that is not ready; "" if it does not answer.
std::string reason_at(const DataDirectory& directory) {
  const auto word = first_word_of(directory.file("ops.listen"));
  const auto address = word ? server_address_from(*word) : fail(Errc::not_found, "");
  const auto answer = address ? ask(*address) : Result<CollarAnswer>(fail(Errc::not_found, ""));
  if (!answer) return "";
  const auto json = JsonDocument::from_text(answer->body);
  const auto detail = json ? json->text({"detail"}) : std::nullopt;
  return detail ? ": " + std::string(*detail) : "";
}

void judge(const CollarAnswer& answer, const std::string& at, const DataDirectory& directory, Findings& findings) {
  constexpr int ok = 200;
  constexpr int not_now = 503;
  if (answer.status == ok && answer.body == "ready\n") {
    findings.fine("it is ready at http://" + at);
  } else if (answer.status == not_now) {
    findings.fault("it runs at http://" + at + ", but is not ready" + reason_at(directory),
                   "read its log and the other findings");
  } else {
    findings.fault("another program answers at http://" + at + ", the address in " + directory.file("listen"),
                   "start `packwalk serve`; if the address is in use, choose another one (http.listen)");
  }
}

/// Behind a proxy, the configuration allows one address all connections.
bool is_behind_proxy(const Config& config) {
  return config.http.address_connections_max >= config.http.connections_max;
}

}  // namespace

std::vector<Finding> examine_server(const Installation& installation) {
  const DataDirectory& directory = installation.directory();
  Findings findings("server");
  const auto word = first_word_of(directory.file("listen"));
  const auto address = word ? server_address_from(*word) : fail(Errc::not_found, "");
  if (!address) {
    findings.doubt("no server runs with the folder " + directory.path(),
                   "`packwalk serve --data " + directory.path() + "` starts one");
    return std::move(findings).all();
  }
  const std::string at = host_and_port(address->host, address->port);
  const auto answer = ask(*address);
  if (!answer) {
    findings.fault("no server answers at http://" + at + ", the address in " + directory.file("listen") + ": " +
                       answer.error().detail,
                   "the server crashed or hangs: read its log and restart it");
    return std::move(findings).all();
  }
  judge(*answer, at, directory, findings);
  if (is_loopback(address->host) && !is_behind_proxy(installation.config())) {
    findings.doubt("it listens on " + at + ", which phones and other machines cannot reach",
                   "set http.listen to \"0.0.0.0:" + std::to_string(address->port) +
                       "\" for your own network; or put a proxy with TLS before it, and set "
                       "http.address_connections_max to http.connections_max");
  }
  return std::move(findings).all();
}

}  // namespace packwalk
