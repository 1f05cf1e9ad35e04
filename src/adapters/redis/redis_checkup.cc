#include "adapters/redis/redis_checkup.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/redis/client.h"
#include "base/text.h"

namespace packwalk {
namespace {

std::string remedy_for(std::string_view detail) {
  const bool password = detail.find("WRONGPASS") != std::string_view::npos ||
                        detail.find("NOAUTH") != std::string_view::npos ||
                        detail.find("AUTH") != std::string_view::npos;
  if (detail.find("certificate") != std::string_view::npos || detail.find("TLS") != std::string_view::npos) {
    return "correct bus.ca_file or the certificate of the server, or use redis:// if the server has no TLS";
  }
  return password ? "correct the user or the password in bus.url"
                  : "start the server, or correct host and port in bus.url; until then, api polls positions every few "
                    "seconds";
}

/// The version in the reply to `INFO server`.
std::string version_in(std::string_view info) {
  constexpr std::string_view name = "redis_version:";
  for (std::size_t at = 0; at < info.size();) {
    const std::string_view line = next_line(info, at);
    if (line.starts_with(name)) return std::string(line.substr(name.size()));
  }
  return "unknown";
}

/// TIME returns seconds and microseconds.
std::optional<ServerTime> time_in(std::string_view answer) {
  const std::size_t end = answer.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto seconds = number_from<std::int64_t>(answer.substr(0, end));
  const auto micros = number_from<std::int64_t>(answer.substr(end + 1));
  if (!seconds || !micros) return std::nullopt;
  return server_time(*seconds * 1'000'000 + *micros);
}

Result<void> look(const BusOptions& options, Clock& clock, Findings& findings) {
  const auto address = redis::address_from(options.url, options.ca_file);
  if (!address) return address.failure();
  auto client = redis::Client::open(*address);
  if (!client) return client.failure();
  const auto info = client->ask({"INFO", "server"});
  if (!info) return info.failure();
  findings.fine("version " + version_in(*info) + " answers at " + host_and_port(address->host, address->port));
  const ServerTime before = clock.now();
  const auto time = client->ask({"TIME"});
  if (!time) return time.failure();
  if (const auto theirs = time_in(*time)) findings.compare_clocks(before, *theirs, clock.now());
  return {};
}

}  // namespace

std::vector<Finding> examine_redis(const BusOptions& options, Clock& clock) {
  Findings findings("Redis");
  if (const auto looked = look(options, clock, findings); !looked) {
    findings.fault(looked.error().detail, remedy_for(looked.error().detail));
  }
  return std::move(findings).all();
}

}  // namespace packwalk
