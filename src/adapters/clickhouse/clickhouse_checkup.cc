#include "adapters/clickhouse/clickhouse_checkup.h"

#include <chrono>
#include <string>
#include <string_view>

#include "adapters/clickhouse/client.h"
#include "base/text.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds patience{10};

std::string remedy_for(std::string_view detail) {
  for (const std::string_view code : {"Code: 192,", "Code: 193,", "Code: 516"}) {
    if (detail.find(code) != std::string_view::npos) return "correct the user or the password in archive.url";
  }
  if (detail.find("Code: 81,") != std::string_view::npos) return "create the database that archive.url names";
  return "start the server, or correct archive.url; until then, the archive's backlog grows in PostgreSQL";
}

Result<void> look(const ArchiveOptions& options, Clock& clock, Findings& findings) {
  const auto client = clickhouse::Client::from_url(options.url, options.ca_file);
  if (!client) return client.failure();
  const auto version = (*client)->ask("SELECT version()", patience);
  if (!version) return version.failure();
  findings.fine("version " + std::string(trimmed(*version)) + " answers");
  const ServerTime before = clock.now();
  const auto time = (*client)->ask("SELECT toUnixTimestamp(now())", patience);
  if (!time) return time.failure();
  if (const auto theirs = number_from<std::int64_t>(trimmed(*time))) {
    findings.compare_clocks(before, server_time(*theirs * 1'000'000), clock.now());
  }
  const auto engine = (*client)->ask(
      "SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = 'messages'", patience);
  if (!engine) return engine.failure();
  if (trimmed(*engine).empty()) {
    findings.fault("the table `messages` does not exist", "run `packwalk migrate`");
  } else if (engine->find("Replacing") == std::string::npos) {
    findings.fault("the table `messages` keeps duplicates: its engine is " + std::string(trimmed(*engine)),
                   "rename it, run `packwalk migrate`, then `packwalk archive repair`");
  }
  return {};
}

}  // namespace

std::vector<Finding> examine_clickhouse(const ArchiveOptions& options, Clock& clock) {
  Findings findings("ClickHouse");
  if (const auto looked = look(options, clock, findings); !looked) {
    findings.fault(looked.error().detail, remedy_for(looked.error().detail));
  }
  return std::move(findings).all();
}

}  // namespace packwalk
