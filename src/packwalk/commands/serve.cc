#include "packwalk/commands/serve.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <iostream>
#include <limits>
#include <memory>
#include <utility>

#include "adapters/journal/journal_packet_queue.h"
#include "adapters/rabbitmq/link.h"
#include "adapters/rabbitmq/rabbitmq_intake.h"
#include "adapters/rabbitmq/rabbitmq_source.h"
#include "adapters/system/system_clock.h"
#include "app/ingest/decode_upload.h"
#include "app/ingest/hinted_ingest_store.h"
#include "base/text.h"
#include "packwalk/installation/config.h"
#include "packwalk/installation/installation.h"
#include "packwalk/installation/log.h"
#include "packwalk/installation/open_store.h"
#include "packwalk/roles/server.h"
#include "packwalk/roles/ticker.h"

namespace packwalk {
namespace {

constexpr std::size_t own_files_max = 256;  // the database's, the queue's and the event loops'

struct ServeOptions : Installation {
  std::optional<std::string> listen;
  bool print_config = false;
};

/// Raises the limit on open files as far as it goes; returns how many connections leave the server its own files.
std::size_t connections_that_fit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return own_files_max;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::getrlimit(RLIMIT_NOFILE, &files);
  return files.rlim_cur > 2 * own_files_max ? files.rlim_cur - own_files_max : files.rlim_cur / 2;
}

/// What a door has taken is not too large. What came over MQTT passed no door: with too many packets it is one message
/// that cannot be read.
DecodeUpload decode_of_taken(const Config& config) {
  AcceptRules of_doors = config.packets;
  of_doors.packets_max = std::numeric_limits<std::size_t>::max();
  return [of_doors, of_mqtt = config.packets](Upload& upload) {
    auto decoded = decode_upload(upload, is_mqtt(upload.transport) ? of_mqtt : of_doors);
    if (!decoded && decoded.error().code == Errc::too_large) {
      upload.unreadable = decoded.error().detail;
      decoded = decode_upload(upload, of_doors);
    }
    if (!decoded) upload.messages.clear();
  };
}

/// Before any thread starts: all of them inherit that these are waited for and not acted on.
sigset_t block_stop_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the write, as a full disk is
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  return stop_signals;
}

/// What the journal finds, damaged files and dead letters say.
void log_finding(const Finding& finding) {
  const auto log = finding.severity == Severity::fault ? log_error : log_warning;
  log("queue", {{"part", finding.part}, {"reason", finding.says}, {"remedy", finding.remedy}});
}

/// Both ends within this process.
Result<std::shared_ptr<PacketQueue>> open_journal(const Config& config, const DataDirectory& directory) {
  auto queue = open_journal_packet_queue(directory.file("queue"), config.queue, decode_of_taken(config), log_finding);
  if (!queue) return queue.failure();
  return std::shared_ptr<PacketQueue>(*std::move(queue));
}

/// What the broker may ask about collars that speak MQTT.
Result<void> open_mqtt_door(const Config& config, Roles roles, ServerParts& parts) {
  if (!config.mqtt_auth || !roles.gateway) return {};
  if (config.broker.urls.empty()) return fail(Errc::invalid_input, "set queue.urls: mqtt.auth_listen is for a broker");
  auto vhost = rabbitmq::vhost_of(config.broker.urls.front());
  if (!vhost) return vhost.failure();
  parts.mqtt_door = MqttDoor{*std::move(vhost), config.broker.mqtt_exchange()};
  return {};
}

/// The ends of the queue that the roles need.
Result<void> open_queue(const Config& config, const DataDirectory& directory, Roles roles, ServerParts& parts) {
  if (!roles.gateway && !roles.ingest) return {};
  if (config.broker.urls.empty()) {
    if (!roles.gateway || !roles.ingest) return fail(Errc::invalid_input, "set queue.urls: roles apart need a broker");
    auto queue = open_journal(config, directory);
    if (!queue) return queue.failure();
    parts.intake = *queue;
    parts.source = *queue;
    return {};
  }
  if (roles.gateway) parts.intake = make_rabbitmq_intake(config.broker);
  if (!roles.ingest) return {};
  // Asked again when the device is not known: it may have been made a moment ago. But not for each message while the
  // store does not answer: that would take long, and the broker waits for heartbeats meanwhile.
  const auto find_device = [&known = *parts.directory, failed = std::optional<Error>(),
                            ask_again_at = std::chrono::steady_clock::time_point()](
                               std::string_view id) mutable -> Result<std::optional<DeviceNumber>> {
    const auto look = [&] { return known.by_id(id); };
    const auto now = std::chrono::steady_clock::now();
    if (failed && now < ask_again_at) {
      if (const auto found = look()) return found;
      return Failure(*failed);
    }
    auto found = known.look_again(look, now);
    failed = found ? std::nullopt : std::optional(found.error());
    if (failed) ask_again_at = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    return found;
  };
  const auto store_answers = [answered = parts.store_answered] { return answered->is_within(silence_max); };
  parts.source = make_rabbitmq_source(
      config.broker, {decode_of_taken(config), find_device, config.unpacked_bytes_max, store_answers}, *parts.clock);
  return {};
}

Result<void> join_bus(const Config& config, Roles roles, ServerParts& parts) {
  if (config.bus.url.empty()) return {};
  if (roles.ingest) {
    auto feed = make_redis_feed(config.bus);
    if (!feed) return feed.failure();
    parts.bus = *std::move(feed);
  }
  if (roles.api) {
    parts.follow = [bus = config.bus](LiveListener& listener) { return make_redis_source(bus, listener); };
  }
  return {};
}

Result<ServerParts> open_parts(const Config& config, const DataDirectory& directory, Roles roles) {
  const bool alone = roles.gateway && roles.ingest && roles.analysis && roles.api;
  if (!alone && config.store_url.empty())
    return fail(Errc::invalid_input, "set store.url: roles apart share a database");
  const auto store = open_store(directory, config, StoreUse::make);
  if (!store) return store.failure();
  ServerParts parts;
  parts.clock = make_system_clock();
  auto registry = (*store)->device_registry();
  if (!registry) return registry.failure();
  parts.directory = std::make_unique<DeviceDirectory>(*std::move(registry));
  if (roles.gateway) {
    auto health = (*store)->device_health();
    if (!health) return health.failure();
    parts.health = *std::move(health);
  }
  if (roles.ingest) {
    auto ingest_store = open_ingest_store(config, **store, *parts.clock);
    if (!ingest_store) return ingest_store.failure();
    parts.ingest_store = *std::move(ingest_store);
    if (!config.cache.url.empty()) {
      auto seen = make_redis_seen_keys(config.cache);
      if (!seen) return seen.failure();
      parts.ingest_store = make_hinted_ingest_store(std::move(parts.ingest_store), *std::move(seen));
    }
    auto keeper = (*store)->keeper();
    if (!keeper) return keeper.failure();
    parts.keeper = *std::move(keeper);
    if (!config.archive.url.empty()) {
      auto archive = open_archive(config);
      if (!archive) return archive.failure();
      parts.archive = *std::move(archive);
    }
  }
  if (roles.analysis) {
    auto analysis_store = (*store)->analysis_store();
    if (!analysis_store) return analysis_store.failure();
    parts.analysis_store = *std::move(analysis_store);
  }
  if (roles.api) {
    auto query_store = open_query_store(config, **store);
    if (!query_store) return query_store.failure();
    parts.query_store = *std::move(query_store);
  }
  if (auto joined = join_bus(config, roles, parts); !joined) return joined.failure();
  if (auto opened = open_mqtt_door(config, roles, parts); !opened) return opened.failure();
  if (auto opened = open_queue(config, directory, roles, parts); !opened) return opened.failure();
  return parts;
}

enum class Folder { fresh, used };

/// A backup that was restored may have the database alone.
Folder use_of(const DataDirectory& directory) {
  for (const char* name : {"packwalk.lock", "packwalk.db"}) {
    if (std::filesystem::exists(directory.file(name))) return Folder::used;
  }
  return Folder::fresh;
}

/// One that is made because the file vanished shuts everybody out who has the one before.
Result<std::string> admin_token_in(const DataDirectory& directory, Folder folder) {
  const auto before = directory.read_admin_token();
  if (before || before.error().code != Errc::not_found) return before;
  auto made = directory.admin_token();
  if (made && folder == Folder::used) {
    log_info("admin_token_made", {{"path", directory.file("admin.token")}, {"reason", "the file was missing"}});
  }
  return made;
}

/// Takes a new token from its file within a second. While the file cannot be used, the token before stays.
Ticker follow_admin_token(const DataDirectory& directory, AdminToken& token) {
  return {std::chrono::seconds(1), Ticker::First::later, [&directory, &token, trouble = std::string()]() mutable {
            const auto read = admin_token_in(directory, Folder::used);
            if (read && token.replace(*read)) log_info("admin_token_replaced");
            const std::string now = read ? "" : read.error().detail;
            if (now != trouble && !now.empty()) log_warning("admin_token_unusable", {{"reason", now}});
            trouble = now;
          }};
}

/// A core dump would hold tokens and where all dogs are. No program that this one may start gets more rights than it.
void give_up_what_is_not_needed() {
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

/// For who has just started it by hand.
void tell_what_next(const std::string& address, const DataDirectory& directory) {
  std::cerr << "Packwalk is at http://" << address << ". The administrator's token is in "
            << directory.file("admin.token") << ".\nNext: `packwalk device add ID --data " << directory.path()
            << "` adds a collar or phone, `packwalk doctor "
            << "--data " << directory.path() << "` says what is wrong.\n";
}

Result<void> serve(const Config& config, const std::string& data, const std::string& name, Roles roles) {
  const sigset_t stop_signals = block_stop_signals();
  auto directory = DataDirectory::open(data);
  if (!directory) return directory.failure();
  const Folder folder = use_of(*directory);
  if (auto locked = directory->lock(); !locked) return locked;
  directory->remove_listen();  // of a server that was killed
  for (const Finding& finding : directory->examine_permissions()) {
    log_warning("data_folder_open_to_others", {{"reason", finding.says}, {"remedy", finding.remedy}});
  }
  auto parts = open_parts(config, *directory, roles);
  if (!parts) return parts.failure();
  parts->role = name;
  const auto first_token = admin_token_in(*directory, folder);
  if (!first_token) return first_token.failure();
  AdminToken admin_token(*first_token);

  Server server(config, *std::move(parts));
  if (auto started = server.start(admin_token); !started) return started;
  const Ticker watch_admin_token = follow_admin_token(*directory, admin_token);
  const std::string address = host_and_port(config.http.host, server.port());
  const std::string ops_address = host_and_port(config.ops.host, server.ops_port());
  if (auto written = directory->write_listen(address, ops_address); !written) return written;
  log_info("listening", {{"address", address}, {"ops", ops_address}, {"data", data}, {"devices", server.devices()}});

  if (isatty(STDERR_FILENO) == 1) tell_what_next(address, *directory);
  int signal = 0;
  sigwait(&stop_signals, &signal);
  log_info("stopping", {{"signal", signal}});
  directory->remove_listen();
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

int run(const ServeOptions& options, const std::string& name, Roles roles) {
  if (options.print_config) {
    std::cout << documented_config();
    return exit_success;
  }
  if (Config none; options.listen) {
    if (const auto set = set_listen(none, *options.listen); !set) {
      return complain_of_usage("--listen " + set.error().detail);
    }
  }
  auto config = load_config(options.data, options.config, environ);
  if (!config) return complain(config.error().detail);
  if (options.listen) static_cast<void>(set_listen(*config, *options.listen));
  start_log(config->log_format, config->log_level);
  log_unknown_variables(*config);
  give_up_what_is_not_needed();
  if (const std::size_t fit = connections_that_fit(); fit < config->http.connections_max) {
    log_warning("few_files", {{"connections_max", fit}, {"reason", "the limit on open files"}});
    config->http.connections_max = fit;
  }
  const auto served = serve(*config, options.data, name, roles);
  return served ? exit_success : complain(served.error().detail);
}

}  // namespace

void add_serve(CLI::App& app, Chosen& chosen) {
  const auto add = [&](const char* name, const char* help, Roles roles) {
    auto options = std::make_shared<ServeOptions>();
    CLI::App* command = app.add_subcommand(name, help);
    options->add_to(*command, "Folder of what this server keeps: its lock, the admin token, SQLite");
    command->add_option("--listen", options->listen, "HOST:PORT to listen on; port 0 picks a free one");
    command->add_flag("--print-config", options->print_config, "Print every key with its meaning and default, and end");
    command->callback([options, name = std::string(name), roles, &chosen] {
      chosen = [options, name, roles] { return run(*options, name, roles); };
    });
  };
  add("serve", "Run the server: take packets, keep them, answer questions", {true, true, true, true});
  add("gateway", "Only take packets, into the broker queue.urls", {.gateway = true});
  add("ingest", "Only commit packets from the broker to the database store.url", {.ingest = true});
  add("analysis", "Only derive tracks, activity and joint walks, in the database store.url", {.analysis = true});
  add("api", "Only answer questions, from the database store.url", {.api = true});
}

}  // namespace packwalk
