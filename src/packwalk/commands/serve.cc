#include "packwalk/commands/serve.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <utility>

#include "base/text.h"
#include "packwalk/configuration/config_file.h"
#include "packwalk/configuration/listen_address.h"
#include "packwalk/installation/installation.h"
#include "packwalk/installation/log.h"
#include "packwalk/roles/admin_token_file.h"
#include "packwalk/roles/open_roles.h"
#include "packwalk/roles/server.h"

namespace packwalk {
namespace {

constexpr std::size_t own_files_max = 256;  // of the database, the queue and the event loops

struct ServeOptions : InstallationOptions {
  std::optional<std::string> listen;
  bool print_config = false;
};

/// Raises the limit on open files as far as possible. Returns how many connections still leave enough files for the
/// server.
std::size_t connections_that_fit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return own_files_max;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::getrlimit(RLIMIT_NOFILE, &files);
  return files.rlim_cur > 2 * own_files_max ? files.rlim_cur - own_files_max : files.rlim_cur / 2;
}

/// Blocks the signals before any thread starts, so that all threads inherit it.
sigset_t block_stop_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // turns the limit on file sizes into an error of write(), as for a full disk
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  return stop_signals;
}

/// Disables core dumps, which would hold tokens and positions, and prevents child processes from gaining rights.
void give_up_what_is_not_needed() {
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/// For a user who started the server by hand.
void tell_what_next(const std::string& address, const DataDirectory& directory) {
  std::cerr << "Packwalk listens on http://" << address << ". The administrator's token is in "
            << directory.file("admin.token") << ".\nNext: `packwalk device add ID --data " << directory.path()
            << "` adds a collar or phone, `packwalk doctor "
            << "--data " << directory.path() << "` checks the installation.\n";
}

/// Serves until a signal to stop comes.
Result<void> serve(Installation& installation, const std::string& name, RoleSet roles) {
  const sigset_t stop_signals = block_stop_signals();
  DataDirectory& directory = installation.directory();
  AdminTokenFile token(directory);
  if (auto locked = directory.lock(); !locked) return locked;
  directory.remove_listen();  // a file that a killed server left
  for (const Finding& finding : directory.examine_permissions()) {
    log_warning("data_folder_open_to_others", {{"reason", finding.says}, {"remedy", finding.remedy}});
  }
  auto opened = open_roles(installation, roles, name, token);
  if (!opened) return opened.failure();
  const Config& config = installation.config();
  Server server(config.http, config.ops, *opened->shared, std::move(opened->roles));
  if (auto started = server.start(); !started) return started;
  token.follow();
  const std::string address = host_and_port(config.http.host, server.port());
  const std::string ops_address = host_and_port(config.ops.host, server.ops_port());
  if (auto written = directory.write_listen(address, ops_address); !written) return written;
  log_info("listening",
           {{"address", address}, {"ops", ops_address}, {"data", installation.data()}, {"devices", server.devices()}});

  if (isatty(STDERR_FILENO) == 1) tell_what_next(address, directory);
  int signal = 0;
  sigwait(&stop_signals, &signal);
  log_info("stopping", {{"signal", signal}});
  directory.remove_listen();
  server.stop();
  log_info("stopped");
  return {};
}

void log_unknown_variables(const Config& config) {
  for (const UnknownVariable& each : config.unknown_variables) {
    LogFields fields = {{"name", each.name}};
    if (each.nearest) fields.emplace_back("nearest", *each.nearest);
    log_warning("unknown_variable", fields);
  }
}

int run_serve(const ServeOptions& options, const std::string& name, RoleSet roles) {
  if (options.print_config) {
    std::cout << documented_config();
    return exit_success;
  }
  if (ServerOptions none; options.listen) {
    if (const auto set = set_address(none, *options.listen); !set) {
      return complain_of_usage("--listen " + set.error().detail);
    }
  }
  auto config = options.read_config();
  if (!config) return complain(config.error().detail);
  if (options.listen) static_cast<void>(set_address(config->http, *options.listen));
  start_log(config->log);
  log_unknown_variables(*config);
  give_up_what_is_not_needed();
  if (const std::size_t fit = connections_that_fit(); fit < config->http.connections_max) {
    log_warning("few_files", {{"connections_max", fit}, {"reason", "the limit on open files"}});
    config->http.connections_max = fit;
  }
  auto installation = Installation::make(options.data, *std::move(config));
  if (!installation) return complain(installation.error().detail);
  const auto served = serve(*installation, name, roles);
  return served ? exit_success : complain(served.error().detail);
}

}  // namespace

void add_serve(CLI::App& app, Chosen& chosen) {
  const auto add = [&](const char* name, const char* help, RoleSet roles) {
    auto options = std::make_shared<ServeOptions>();
    CLI::App* command = app.add_subcommand(name, help);
    options->add_to(*command,
                    "Data folder of this server. It holds the lock, the administrator's token and, without store.url, "
                    "the SQLite database");
    command->add_option("--listen", options->listen, "HOST:PORT to listen on; port 0 picks a free port");
    command->add_flag("--print-config", options->print_config,
                      "Print every key with its meaning and default, and exit");
    command->callback([options, name = std::string(name), roles, &chosen] {
      chosen = [options, name, roles] { return run_serve(*options, name, roles); };
    });
  };
  add("serve", "Run the server with all roles: accept packets, store and analyse them, answer queries, send events",
      every_role);
  for (const RoleCommand& each : role_commands) {
    RoleSet role;
    role.*each.flag = true;
    add(each.name, each.help, role);
  }
}

}  // namespace packwalk
