#include "packwalk/doctor.h"

#include <array>
#include <iomanip>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/clickhouse/clickhouse_checkup.h"
#include "adapters/journal/journal_checkup.h"
#include "adapters/postgres/postgres_checkup.h"
#include "adapters/rabbitmq/rabbitmq_checkup.h"
#include "adapters/redis/redis_checkup.h"
#include "adapters/system/disk_checkup.h"
#include "adapters/system/system_clock.h"
#include "base/iso_time.h"
#include "packwalk/config.h"
#include "packwalk/installation.h"
#include "packwalk/journal_command.h"
#include "packwalk/open_store.h"

namespace packwalk {
namespace {

/// Errors begin with the name of the part, which stands before it already.
std::string without_name(const Finding& finding) {
  const std::string name = finding.part + ": ";
  return finding.says.starts_with(name) ? finding.says.substr(name.size()) : finding.says;
}

/// Prints the findings about one part as soon as they are made; remembers whether there was a fault.
class Report {
 public:
  void add(const std::vector<Finding>& findings) {
    constexpr std::array words = {"ok   ", "look ", "FAULT"};
    for (const Finding& finding : findings) {
      std::cout << words.at(static_cast<std::size_t>(finding.severity)) << "  " << std::left << std::setw(part_width)
                << finding.part << without_name(finding) << '\n';
      if (!finding.remedy.empty()) std::cout << std::string(7 + part_width, ' ') << "-> " << finding.remedy << '\n';
      ++counts_.at(static_cast<std::size_t>(finding.severity));
    }
    std::cout.flush();
  }

  int end() const {
    const auto [fine, doubtful, faults] = counts_;
    if (faults == 0 && doubtful == 0) {
      std::cout << "All is well.\n";
    } else {
      std::cout << faults << (faults == 1 ? " fault, " : " faults, ") << doubtful << " to look at.\n";
    }
    return faults == 0 ? exit_success : exit_failure;
  }

 private:
  static constexpr int part_width = 12;
  std::array<int, 3> counts_{};
};

std::vector<Finding> examine_sqlite(const DataDirectory& directory, const Config& config) {
  Findings findings("SQLite");
  auto store = open_store(directory, config, StoreUse::existing);
  if (store) {
    if (const auto query = (*store)->query_store(); !query) store = tl::unexpected(query.error());
  }
  if (store) {
    findings.fine(directory.file("packwalk.db") + " can be read");
  } else if (store.error().code == Errc::not_found) {
    findings.doubt(store.error().detail, "`packwalk serve` makes it");
  } else {
    findings.fault(store.error().detail, "look at it with `packwalk check`");
  }
  return std::move(findings).all();
}

/// Nothing where no server has run yet.
std::vector<Finding> examine_admin_token(const DataDirectory& directory) {
  Findings findings("admin token");
  const auto token = directory.read_admin_token();
  if (token) {
    findings.fine("only its owner can read " + directory.file("admin.token"));
  } else if (token.error().code != Errc::not_found) {
    findings.fault(token.error().detail, "replace the token; a running server takes the new one within a second");
  }
  return std::move(findings).all();
}

/// A store of this program's schema. Opening another one to write would bring it up, which is not doctor's to do: a
/// server of before may use it.
Result<std::unique_ptr<Store>> open_as_it_is(const DataDirectory& directory, const Config& config) {
  auto store = open_store(directory, config, StoreUse::existing);
  if (!store) return store;
  if (const auto audited = (*store)->audit_store(); !audited) return tl::unexpected(audited.error());
  return store;
}

/// Nothing when none was interrupted, or when the store does not answer, which is said already.
std::vector<Finding> examine_erasures(const DataDirectory& directory, const Config& config) {
  Findings findings("erasures");
  const auto store = open_as_it_is(directory, config);
  if (!store) return std::move(findings).all();
  const auto eraser = (*store)->device_eraser();
  const auto unfinished = eraser ? (*eraser)->unfinished() : tl::unexpected(eraser.error());
  if (!unfinished) return std::move(findings).all();
  for (const std::string& id : *unfinished) {
    findings.doubt("not all of " + id + " is erased, and until then no days are dropped from the store",
                   "run `packwalk device erase " + id + "` again");
  }
  return std::move(findings).all();
}

/// Likewise.
std::vector<Finding> examine_analysis(const DataDirectory& directory, const Config& config) {
  constexpr std::size_t named_max = 20;
  Findings findings("analysis");
  const auto store = open_as_it_is(directory, config);
  if (!store) return std::move(findings).all();
  const auto analysis = (*store)->analysis_store();
  if (!analysis) return std::move(findings).all();
  const auto windows = (*analysis)->windows_set_aside(named_max);
  const auto count = (*analysis)->count_set_aside();
  if (!windows || !count) return std::move(findings).all();
  for (const SetAside& each : *windows) {
    findings.doubt("the quarter of an hour " + iso_text(each.window.from) + " of device number " +
                       std::to_string(each.window.device.value) + " could not be analysed " +
                       std::to_string(each.failures) + " times: " + each.reason,
                   "it is tried again by itself at " +
                       iso_text(std::chrono::floor<std::chrono::seconds>(each.retry_at)) +
                       "; if the reason is a damaged row, see what `packwalk check` finds");
  }
  if (static_cast<std::size_t>(*count) > windows->size()) {
    findings.doubt(std::to_string(*count) + " windows could not be analysed in all",
                   "mend the cause of the first ones");
  }
  return std::move(findings).all();
}

int run(const Installation& options) {
  const auto config = options.read_config();
  if (!config) return complain(config.error().detail);
  const auto clock = make_system_clock();
  Report report;
  report.add(examine_disk(options.data));
  if (config->store_url.empty()) {
    report.add(examine_sqlite(DataDirectory::existing(options.data), *config));
  } else {
    report.add(examine_postgres(config->store_url, *clock));
  }
  report.add(DataDirectory::existing(options.data).examine_permissions());
  report.add(examine_admin_token(DataDirectory::existing(options.data)));
  report.add(examine_erasures(DataDirectory::existing(options.data), *config));
  if (config->broker.urls.empty()) report.add(journal::examine_journal(journal_folder(options.data)));
  report.add(examine_analysis(DataDirectory::existing(options.data), *config));
  if (!config->broker.urls.empty()) report.add(examine_rabbitmq(config->broker));
  if (config->mqtt_auth) report.add(examine_mqtt(config->broker, config->mqtt_port));
  if (!config->bus.url.empty()) report.add(examine_redis(config->bus, *clock));
  if (!config->archive.url.empty()) report.add(examine_clickhouse(config->archive, *clock));
  return report.end();
}

}  // namespace

void add_doctor(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Installation>();
  CLI::App* command = app.add_subcommand(
      "doctor",
      "Look at every part of the installation, and say what is wrong and what to do (exit code 1 for a fault)");
  options->add_to(*command, "Folder of the server, with its packwalk.toml");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace packwalk
