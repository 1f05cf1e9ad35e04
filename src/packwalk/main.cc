// packwalk: one executable, a sub-command for each thing it does.
#include <malloc.h>
#include <sys/stat.h>

#include <exception>
#include <iostream>

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
    return app.exit(error) == 0 ? exit_success : 2;
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
