// packwalk: one executable with sub-commands.
#include <malloc.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/nearest.h"
#include "base/text.h"
#include "packwalk/commands/analyse.h"
#include "packwalk/commands/archive_command.h"
#include "packwalk/commands/check.h"
#include "packwalk/commands/completion.h"
#include "packwalk/commands/device_command.h"
#include "packwalk/commands/device_tokens.h"
#include "packwalk/commands/doctor.h"
#include "packwalk/commands/examples.h"
#include "packwalk/commands/export.h"
#include "packwalk/commands/help_format.h"
#include "packwalk/commands/import_embedded.h"
#include "packwalk/commands/man_page.h"
#include "packwalk/commands/migrate.h"
#include "packwalk/commands/misuse.h"
#include "packwalk/commands/option_text.h"
#include "packwalk/commands/queue_command.h"
#include "packwalk/commands/replay.h"
#include "packwalk/commands/serve.h"
#include "packwalk/commands/simulate.h"
#include "packwalk/commands/stop_request.h"
#include "packwalk/installation/version.h"

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

/// The help of the command that `words` name.
int help(const CLI::App& app, const std::vector<std::string>& words) {
  const CLI::App* command = &app;
  for (const std::string& word : words) {
    const auto offered = commands_of(*command);
    const auto found =
        std::find_if(offered.begin(), offered.end(), [&](const CLI::App* each) { return each->check_name(word); });
    if (found == offered.end()) {
      std::vector<std::string> names;
      for (const CLI::App* each : offered) names.push_back(each->get_name());
      return complain_of_usage("unknown command " + printable(word) + suggestion(nearest_to(word, names)));
    }
    command = *found;
  }
  // Not by help(), which would print the help of `help` itself.
  std::cout << command->get_formatter()->make_help(command, command->get_name(), CLI::AppFormatMode::Normal);
  return exit_success;
}

/// The commands that describe the program: help, version, completion, man.
void add_words_about_it(CLI::App& app, Chosen& chosen) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* helping = app.add_subcommand("help", "Print the help of a command");
  helping->add_option("command", *words, "The command, for example: packwalk help device add");
  helping->callback([&app, words, &chosen] { chosen = [&app, words] { return help(app, *words); }; });
  app.add_subcommand("version", "Print the version")->callback([&chosen] {
    chosen = [] {
      std::cout << "packwalk " << version << '\n';
      return exit_success;
    };
  });
  auto shell = std::make_shared<std::string>();
  CLI::App* completing = app.add_subcommand("completion", "Print a shell completion script");
  completing->add_option("shell", *shell, "The shell: bash")->required()->check(CLI::IsMember({"bash"}));
  completing->callback([&app, shell, &chosen] {
    chosen = [&app, shell] {
      std::cout << bash_completion(app);
      return exit_success;
    };
  });
  app.add_subcommand("man", "Print the manual page, packwalk(1)")->callback([&app, &chosen] {
    chosen = [&app] {
      std::cout << man_page(app, version);
      return exit_success;
    };
  });
}

void add_all(CLI::App& app, Chosen& chosen) {
  app.formatter(std::make_shared<HelpFormat>());  // before the commands are added, because they inherit it
  app.require_subcommand(1);
  app.set_version_flag("-V,--version", std::string("packwalk ") + version);
  add_serve(app, chosen);
  add_device(app, chosen);
  add_check(app, chosen);
  add_analyse(app, chosen);
  app.get_subcommand("analyse")->alias("analyze");
  add_export(app, chosen);
  add_doctor(app, chosen);
  add_import_embedded(app, chosen);
  add_migrate(app, chosen);
  add_queue(app, chosen);
  add_archive(app, chosen);
  add_replay(app, chosen);
  add_simulate(app, chosen, simulate_host());
  add_words_about_it(app, chosen);
  add_examples(app);
}

int run(int argument_count, char** arguments) {
  CLI::App app("Packwalk, the server for GPS dog collars", "packwalk");
  Chosen chosen;
  add_all(app, chosen);
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    const std::span<char* const> words(arguments + 1, static_cast<std::size_t>(std::max(argument_count - 1, 0)));
    return complain_of_usage(misuse_of(app, words, error));
  }
  return chosen();
}

/// Keep freed memory: each batch needs as much as the one before. Returning pages to the system and faulting them in
/// again would double the cost of a batch.
void keep_freed_memory() {
  constexpr int bytes_max = 16 * 1024 * 1024;
  ::mallopt(M_MMAP_THRESHOLD, bytes_max);
  ::mallopt(M_TRIM_THRESHOLD, bytes_max);
}

}  // namespace
}  // namespace packwalk

int main(int argument_count, char** arguments) {
  ::umask(0077);  // only the user of this process may read positions, messages and tokens
  packwalk::keep_freed_memory();
  try {
    return packwalk::run(argument_count, arguments);
  } catch (const std::exception& error) {
    return packwalk::complain(error.what());
  }
}
