#include "packwalk/commands/doctor.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
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
#include "adapters/sql/schema_version.h"
#include "adapters/sqlite/sqlite_connection.h"
#include "adapters/system/disk_checkup.h"
#include "adapters/system/system_clock.h"
#include "base/text.h"
#include "base/time_text.h"
#include "packwalk/commands/device_checkup.h"
#include "packwalk/commands/journal_command.h"
#include "packwalk/commands/json_lines.h"
#include "packwalk/commands/notify_checkup.h"
#include "packwalk/commands/server_checkup.h"
#include "packwalk/configuration/config_secrets.h"
#include "packwalk/installation/environment.h"
#include "packwalk/installation/installation.h"

namespace packwalk {
namespace {

/// Removes the name of the part from an error: the output begins with it already.
std::string without_name(const Finding& finding) {
  const std::string name = finding.part + ": ";
  return finding.says.starts_with(name) ? finding.says.substr(name.size()) : finding.says;
}

struct DoctorOptions : InstallationOptions {
  bool json = false;
};

/// Whether to use colours: on a terminal without NO_COLOR (https://no-color.org).
bool wants_colours() {
  return isatty(STDOUT_FILENO) == 1 && !from_environment("NO_COLOR") && from_environment("TERM") != "dumb";
}

/// Prints the findings about each part as soon as they exist, and remembers whether there was a fault.
class Report {
 public:
  explicit Report(bool json) : json_(json), in_colours_(!json && wants_colours()) {
    if (!json_) return;
    frame_.begin_object();
    frame_.begin_member("findings");
    std::cout << frame_.take();
  }

  void add(const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
      if (json_) {
        add_json(finding);
        continue;
      }
      std::cout << word_of(finding.severity) << "  " << std::left << std::setw(part_width) << finding.part
                << for_terminal(without_name(finding)) << '\n';  // it may quote a server
      if (finding.remedy.empty()) continue;
      std::cout << std::string(7 + part_width, ' ') << "-> " << for_terminal(finding.remedy) << '\n';
    }
    for (const Finding& finding : findings) ++counts_.at(static_cast<std::size_t>(finding.severity));
    std::cout.flush();
  }

  int end() {
    const auto [fine, doubtful, faults] = counts_;
    if (json_) {
      frame_.foreign([&](std::string& text) { text += array_.end(); });
      frame_.member("fault_count", faults);
      frame_.member("warning_count", doubtful);
      frame_.end_object();
      std::cout << frame_.take() << '\n';
    } else if (faults == 0 && doubtful == 0) {
      std::cout << "All is well.\n";
    } else {
      std::cout << counted(faults, "fault") << ", " << counted(doubtful, "warning") << ".\n";
    }
    return faults == 0 ? exit_success : exit_failure;
  }

 private:
  std::string word_of(Severity severity) const {
    constexpr std::array words = {"ok   ", "warn ", "FAULT"};
    constexpr std::array colours = {"\x1b[32m", "\x1b[33m", "\x1b[1;31m"};  // green, yellow, bold red
    const auto index = static_cast<std::size_t>(severity);
    return in_colours_ ? std::string(colours.at(index)) + words.at(index) + "\x1b[0m" : words.at(index);
  }

  void add_json(const Finding& finding) {
    constexpr std::array words = {"ok", "warn", "fault"};
    std::cout << array_.next() << json_object([&](JsonWriter& object) {
      object.member("severity", words.at(static_cast<std::size_t>(finding.severity)));
      object.member("part", finding.part);
      object.member("says", without_name(finding));
      if (!finding.remedy.empty()) object.member("remedy", finding.remedy);
    });
  }

  static constexpr int part_width = 12;
  const bool json_;
  const bool in_colours_;
  JsonWriter frame_;  // the object around the findings
  JsonLines array_;
  std::array<int, 3> counts_{};
};

std::vector<Finding> examine_sqlite(Installation& installation) {
  Findings findings("SQLite");
  const std::string path = installation.path_of("packwalk.db");
  auto store = installation.store();
  const auto schema = store ? sql::sqlite_schema(path) : store.failure();
  if (!schema) store = schema.failure();
  if (store && schema->found > schema->known) {
    findings.fault(sql::newer_schema(schema->found, schema->known).value().detail,
                   "or restore a backup from before the newer version ran");
  } else if (store && schema->found < schema->known) {
    findings.doubt(path + " has schema version " + std::to_string(schema->found) + ", and this packwalk " +
                       std::to_string(schema->known),
                   "start `packwalk serve`, which migrates it");
  } else if (store) {
    findings.fine(path + " is readable");
  } else if (store.error().code == Errc::not_found) {
    findings.doubt(store.error().detail, "start `packwalk serve`, which creates it");
  } else {
    findings.fault(store.error().detail, "check it with `packwalk check`");
  }
  return std::move(findings).all();
}

/// Adds nothing if no server has run yet.
std::vector<Finding> examine_admin_token(const DataDirectory& directory) {
  Findings findings("admin token");
  const auto token = directory.read_admin_token();
  if (token) {
    findings.fine("only its owner may read " + directory.file("admin.token"));
  } else if (token.error().code == Errc::invalid_input) {
    findings.fault(token.error().detail,
                   "follow the advice in the message; a running server rereads the file within a second");
  } else if (token.error().code != Errc::not_found) {
    findings.fault(token.error().detail, "run `packwalk doctor` as the user of the server, or as root");
  }
  return std::move(findings).all();
}

/// A store with this program's schema. To open another version for writing would migrate it, which doctor must not do:
/// an older server may use it.
Result<const Store*> open_as_it_is(Installation& installation) {
  auto store = installation.store();
  if (!store) return store;
  if (const auto audited = (*store)->audit_store(); !audited) return audited.failure();
  return store;
}

/// Adds nothing if the file is private or has no secret. It is no fault: a secret may be meant for a group.
std::vector<Finding> examine_settings_file(const std::string& path) {
  Findings findings("settings");
  if (!lets_others_read(path)) return std::move(findings).all();
  if (const auto secret = holds_secret(path); secret && *secret) {
    findings.doubt("other users of this machine may read " + path + ", which contains a secret or a password",
                   "run `chmod go-rwx " + path + "` as its owner, who must be the user of the server");
  }
  return std::move(findings).all();
}

/// Adds nothing if no erasure was interrupted, or if the store does not answer, which is reported elsewhere.
std::vector<Finding> examine_erasures(Installation& installation) {
  Findings findings("erasures");
  const auto store = open_as_it_is(installation);
  if (!store) return std::move(findings).all();
  const auto eraser = (*store)->device_eraser();
  const auto unfinished = eraser ? (*eraser)->unfinished() : eraser.failure();
  if (!unfinished) return std::move(findings).all();
  for (const std::string& id : *unfinished) {
    findings.doubt("the erasure of " + id + " was interrupted; until it is complete, the store drops no days",
                   "run `packwalk device erase " + id + "` again");
  }
  return std::move(findings).all();
}

/// Likewise.
std::vector<Finding> examine_analysis(Installation& installation) {
  constexpr std::size_t named_max = 20;
  Findings findings("analysis");
  const auto store = open_as_it_is(installation);
  if (!store) return std::move(findings).all();
  const auto analysis = (*store)->analysis_store();
  if (!analysis) return std::move(findings).all();
  const auto windows = (*analysis)->windows_set_aside(named_max);
  const auto count = (*analysis)->count_set_aside();
  if (!windows || !count) return std::move(findings).all();
  for (const SetAside& each : *windows) {
    findings.doubt("the quarter of an hour " + iso_text(each.window.from) + " of device number " +
                       std::to_string(each.window.device.value) + " could not be analysed " +
                       counted(each.failures, "time") + ": " + each.reason,
                   "the next attempt is at " + iso_text(std::chrono::floor<std::chrono::seconds>(each.retry_at)) +
                       "; if the cause is a damaged row, run `packwalk check`");
  }
  if (static_cast<std::size_t>(*count) > windows->size()) {
    findings.doubt(counted(*count, "window") + " could not be analysed in all", "fix the cause of the first ones");
  }
  return std::move(findings).all();
}

/// Only an installation that stores everything elsewhere may lack a data folder.
std::vector<Finding> examine_folder(const Installation& installation) {
  Findings findings("data folder");
  std::error_code ignored;
  if (std::filesystem::is_directory(installation.data(), ignored)) return {};
  if (installation.config().store.is_embedded()) {
    findings.fault("there is no folder " + installation.data(),
                   "check --data, or start `packwalk serve`, which creates the folder");
  } else {
    findings.doubt("there is no folder " + installation.data(), "check --data");
  }
  return std::move(findings).all();
}

std::vector<Finding> examine_devices_of(Installation& installation, ServerTime now) {
  const auto store = open_as_it_is(installation);
  if (!store) return {};
  const auto health = (*store)->device_health();
  return health ? examine_devices(**health, now) : std::vector<Finding>();
}

std::vector<Finding> examine_notifications_of(Installation& installation, ServerTime now) {
  const auto store = open_as_it_is(installation);
  if (!store) return {};
  const auto outbox = (*store)->outbox();
  return outbox ? examine_notifications(**outbox, now) : std::vector<Finding>();
}

int run_doctor(const DoctorOptions& options) {
  auto installation = Installation::open(options);
  if (!installation) return complain(installation.error().detail);
  const Config& config = installation->config();
  const auto clock = make_system_clock();
  Report report(options.json);
  report.add(examine_folder(*installation));
  report.add(examine_server(*installation));
  report.add(examine_disk(installation->data()));
  report.add(config.store.is_embedded() ? examine_sqlite(*installation) : examine_postgres(config.store.url, *clock));
  report.add(installation->directory().examine_permissions());
  report.add(examine_admin_token(installation->directory()));
  report.add(examine_settings_file(options.config.value_or(installation->path_of("packwalk.toml"))));
  report.add(examine_erasures(*installation));
  if (config.queue.is_embedded()) report.add(journal::examine_journal(journal_folder(*installation)));
  report.add(examine_analysis(*installation));
  if (!config.queue.is_embedded()) report.add(examine_rabbitmq(config.queue));
  if (config.mqtt.auth) report.add(examine_mqtt(config.queue, config.mqtt.port));
  if (config.bus.is_used()) report.add(examine_redis(config.bus, *clock));
  if (config.archive.is_used()) report.add(examine_clickhouse(config.archive, *clock));
  report.add(examine_notifications_of(*installation, clock->now()));
  report.add(examine_devices_of(*installation, clock->now()));
  return report.end();
}

}  // namespace

void add_doctor(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<DoctorOptions>();
  CLI::App* command =
      app.add_subcommand("doctor",
                         "Check every part of the installation: versions, permissions, clocks, disk space, servers and "
                         "devices. Print each finding with a remedy. The exit code is 1 for a FAULT (packets or "
                         "queries fail, or soon will) and 0 for a warn (it works, but needs attention)");
  options->add_to(*command, "Folder of the server, with its packwalk.toml");
  command->add_flag("--json", options->json, "Print JSON");
  command->callback([options, &chosen] { chosen = [options] { return run_doctor(*options); }; });
}

}  // namespace packwalk
