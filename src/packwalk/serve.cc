#include "packwalk/serve.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <iostream>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "adapters/system/system_clock.h"
#include "app/ingest_batch.h"
#include "base/text.h"
#include "http/device_doors.h"
#include "http/health_api.h"
#include "http/query_api.h"
#include "packwalk/config.h"
#include "packwalk/open_store.h"

namespace packwalk {
namespace {

constexpr std::chrono::seconds stop_grace{20};
constexpr std::chrono::seconds refresh_interval{1};
constexpr std::size_t own_files_max = 256;  // the database's, the queue's and the event loops'

/// Calls `work` at an interval until it is destroyed.
class Ticker {
 public:
  Ticker(std::chrono::seconds interval, std::function<void()> work)
      : thread_([this, interval, work = std::move(work)] {
          std::unique_lock lock(mutex_);
          while (!stopped_.wait_for(lock, interval, [this] { return stop_; })) work();
        }) {}
  Ticker(const Ticker&) = delete;
  Ticker& operator=(const Ticker&) = delete;
  ~Ticker() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    stopped_.notify_all();
    thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;  // guarded by mutex_
  std::thread thread_;
};

/// All parts of a server on the embedded default, in the order in which they need each other; they end in the
/// opposite order. stop() first takes no more requests, then lets ingest drain the queue.
class EmbeddedServer {
 public:
  EmbeddedServer(const Config& config, std::unique_ptr<DeviceRegistry> registry,
                 std::unique_ptr<IngestStore> ingest_store, std::unique_ptr<QueryStore> query_store,
                 std::unique_ptr<PacketQueue> queue)
      : config_(config),
        clock_(make_system_clock()),
        ingest_store_(std::move(ingest_store)),
        directory_(std::move(registry)),
        query_store_(std::move(query_store)),
        queue_(std::move(queue)),
        pool_(config.query_threads, config.queries_max),
        packets_(*queue_, *clock_, config.packets) {}
  EmbeddedServer(const EmbeddedServer&) = delete;
  EmbeddedServer& operator=(const EmbeddedServer&) = delete;
  ~EmbeddedServer() { stop(); }

  Result<void> start(const std::string& admin_token) {
    if (auto done = directory_.refresh(); !done) return done;
    if (auto done = positions_.fill_from(*query_store_); !done) return done;
    const auto count = [this](std::string_view pattern, int status) { metrics_.count_request(pattern, status); };
    server_ = std::make_unique<HttpServer>(
        config_.http, Service{make_router(routes(admin_token), count), [count](int status) { count("", status); }});
    if (auto started = server_->start(); !started) {
      server_.reset();
      return started;
    }
    ingest_ = std::thread([this] { ingest(); });
    ticker_ = std::make_unique<Ticker>(refresh_interval, [this] {
      if (auto done = directory_.refresh(); !done)
        spdlog::warn("event=refresh_failed error=\"{}\"", done.error().detail);
    });
    return {};
  }

  std::uint16_t port() const { return server_->port(); }
  std::size_t devices() const { return directory_.size(); }

  void stop() {
    if (!server_) return;
    server_->stop(stop_grace);
    queue_->close();
    ingest_.join();
    ticker_.reset();
    pool_.join();
    queue_.reset();
    server_.reset();  // last: what the queue and the pool answered went through it
  }

 private:
  std::vector<Route> routes(const std::string& admin_token) {
    std::vector<Route> all = device_doors({packets_, directory_, pool_, config_.unpacked_bytes_max});
    for (auto more : {query_routes({directory_, positions_, *query_store_, pool_, *clock_, hash_of_token(admin_token)}),
                      health_routes({metrics_, *queue_, directory_, positions_, pool_,
                                     [this] { return server_->connections(); }, *clock_})}) {
      all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
    return all;
  }

  void ingest() {
    run_ingest(*queue_, *ingest_store_, positions_, config_.batch_messages_max,
               [this](const Result<IngestReport>& report) {
                 metrics_.count_batch(report);
                 if (!report) spdlog::error("event=commit_failed error=\"{}\"", report.error().detail);
               });
  }

  const Config config_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<IngestStore> ingest_store_;
  DeviceDirectory directory_;
  // After those two, so that a connection that may write is closed last: that one folds the log into the database.
  std::unique_ptr<QueryStore> query_store_;
  LivePositions positions_;
  Metrics metrics_;
  std::unique_ptr<PacketQueue> queue_;
  BlockingPool pool_;
  AcceptPackets packets_;
  std::unique_ptr<HttpServer> server_;
  std::thread ingest_;
  std::unique_ptr<Ticker> ticker_;
};

struct ServeOptions {
  std::string data = "data";
  std::optional<std::string> listen;
  std::optional<std::string> config;
  bool print_config = false;
};

/// One line an event, key=value, on standard error.
void start_log(const std::string& level) {
  auto logger = spdlog::stderr_logger_mt("packwalk");
  logger->set_pattern("time=%Y-%m-%dT%H:%M:%S.%fZ level=%l %v", spdlog::pattern_time_type::utc);
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(std::move(logger));
}

/// Raises the limit on open files as far as it goes; returns how many connections leave the server its own files.
std::size_t connections_that_fit() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return own_files_max;
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::getrlimit(RLIMIT_NOFILE, &files);
  return files.rlim_cur > 2 * own_files_max ? files.rlim_cur - own_files_max : files.rlim_cur / 2;
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

Result<void> serve(const Config& config, const std::string& data) {
  const sigset_t stop_signals = block_stop_signals();
  auto directory = DataDirectory::open(data);
  if (!directory) return tl::unexpected(std::move(directory.error()));
  if (auto locked = directory->lock(); !locked) return locked;
  directory->remove_listen();  // of a server that was killed
  const auto store = open_store(*directory, config, StoreUse::make);
  if (!store) return tl::unexpected(store.error());
  auto registry = (*store)->device_registry();
  if (!registry) return tl::unexpected(std::move(registry.error()));
  auto ingest_store = (*store)->ingest_store();
  if (!ingest_store) return tl::unexpected(std::move(ingest_store.error()));
  auto query_store = (*store)->query_store();
  if (!query_store) return tl::unexpected(std::move(query_store.error()));
  const auto admin_token = directory->admin_token();
  if (!admin_token) return tl::unexpected(admin_token.error());

  AcceptRules rules_of_taken = config.packets;
  rules_of_taken.packets_max = std::numeric_limits<std::size_t>::max();  // what was taken once is not too large
  auto queue = open_journal_packet_queue(directory->file("queue"), config.queue, [&rules_of_taken](Delivery& delivery) {
    if (!decode_delivery(delivery, rules_of_taken)) delivery.messages.clear();
  });
  if (!queue) return tl::unexpected(std::move(queue.error()));

  EmbeddedServer server(config, std::move(*registry), std::move(*ingest_store), std::move(*query_store),
                        std::move(*queue));
  if (auto started = server.start(*admin_token); !started) return started;
  const std::string address = host_and_port(config.http.host, server.port());
  if (auto written = directory->write_listen(address); !written) return written;
  spdlog::info("event=listening address={} data=\"{}\" devices={}", address, data, server.devices());

  int signal = 0;
  sigwait(&stop_signals, &signal);
  spdlog::info("event=stopping signal={}", signal);
  directory->remove_listen();
  server.stop();
  spdlog::info("event=stopped");
  return {};
}

int run(const ServeOptions& options) {
  if (options.print_config) {
    std::cout << documented_config();
    return exit_success;
  }
  auto config = load_config(options.data, options.config, environ);
  if (!config) return complain(config.error().detail);
  if (options.listen) {
    if (auto set = set_listen(*config, *options.listen); !set) return complain("--listen " + set.error().detail);
  }
  start_log(config->log_level);
  if (const std::size_t fit = connections_that_fit(); fit < config->http.connections_max) {
    spdlog::warn("event=few_files connections_max={} reason=\"the limit on open files\"", fit);
    config->http.connections_max = fit;
  }
  const auto served = serve(*config, options.data);
  return served ? exit_success : complain(served.error().detail);
}

}  // namespace

void add_serve(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ServeOptions>();
  CLI::App* command = app.add_subcommand("serve", "Run the server: take packets, keep them, answer questions");
  command->add_option("--data", options->data, "Folder of the database, the admin token and the lock")
      ->capture_default_str();
  command->add_option("--listen", options->listen, "HOST:PORT to listen on; port 0 picks a free one");
  command
      ->add_option("--config", options->config,
                   "TOML file; docs/packwalk.toml names every key [packwalk.toml in the folder --data, if it is there]")
      ->check(CLI::ExistingFile);
  command->add_flag("--print-config", options->print_config, "Print every key with its meaning and default, and end");
  command->callback([options, &chosen] { chosen = [options] { return run(*options); }; });
}

}  // namespace packwalk
