// packwalk: one executable, a sub-command for each thing it does.
#include <malloc.h>
#include <sys/stat.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "packwalk/analyse.h"
#include "packwalk/archive_command.h"
#include "packwalk/check.h"
#include "packwalk/device_command.h"
#include "packwalk/doctor.h"
#include "packwalk/export.h"
#include "packwalk/import_embedded.h"
#include "packwalk/live_sink.h"
#include "packwalk/migrate.h"
#include "packwalk/queue_command.h"
#include "packwalk/replay.h"
#include "packwalk/serve.h"
#include "packwalk/simulate.h"
#include "packwalk/stop_request.h"
#include "packwalk/version.h"

namespace packwalk {
namespace {

SimulateHost simulate_host() {
  return {.open_sink =
              [](const LiveTarget& target) {
                watch_for_stop();
                return open_live_sink(target.server, target.devices);
              },
          .stopped = stop_requested};
}

/// "device fly" where `fly` should be a sub-command and is none.
std::optional<std::string> unknown_subcommand(const CLI::App& app, std::span<char* const> words) {
  const CLI::App* at = &app;
  std::string path;
  for (const std::string_view word : words) {
    if (at->get_subcommands([](const CLI::App* /*each*/) { return true; }).empty() || word.starts_with('-')) break;
    path.append(path.empty() ? "" : " ").append(word);
    const auto named = at->get_subcommands([&](const CLI::App* each) { return each->get_name() == std::string(word); });
    if (named.empty()) return path;
    at = named.front();
  }
  return std::nullopt;
}

int run(int argument_count, char** arguments) {
  CLI::App app("Packwalk, the server for GPS dog collars", "packwalk");
  app.require_subcommand(1);
  app.set_version_flag("--version", version);
  Chosen chosen;
  add_serve(app, chosen);
  add_device(app, chosen);
  add_check(app, chosen);
  add_analyse(app, chosen);
  add_export(app, chosen);
  add_doctor(app, chosen);
  add_import_embedded(app, chosen);
  add_migrate(app, chosen);
  add_queue(app, chosen);
  add_archive(app, chosen);
  add_replay(app, chosen);
  add_simulate(app, chosen, simulate_host());
  app.add_subcommand("version", "Print the version")->callback([&chosen] {
    chosen = [] {
      std::cout << "packwalk " << version << '\n';
      return exit_success;
    };
  });
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    const std::span<char* const> words(arguments + 1, static_cast<std::size_t>(std::max(argument_count - 1, 0)));
    if (const auto unknown = unknown_subcommand(app, words)) {
      const std::size_t parent = unknown->rfind(' ');
      complain("there is no sub-command " + *unknown + "; `packwalk " +
               (parent == std::string::npos ? "" : unknown->substr(0, parent + 1)) + "--help` lists all");
      return exit_misuse;
    }
    return app.exit(error) == 0 ? exit_success : exit_misuse;
  }
  return chosen();
}

/// A batch needs what the one before has freed: given back to the system and asked for again, page by page, it costs as
/// much as all the rest that a worker does to the batch.
void keep_freed_memory() {
  constexpr int bytes_max = 16 * 1024 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, bytes_max);
  ::mallopt(M_TRIM_THRESHOLD, bytes_max);
}

}  // namespace
}  // namespace packwalk

int main(int argument_count, char** arguments) {
  ::umask(0077);  // places, messages and tokens are for whoever runs this
  packwalk::keep_freed_memory();
  try {
    return packwalk::run(argument_count, arguments);
  } catch (const std::exception& error) {
    return packwalk::complain(error.what());
  }
}
