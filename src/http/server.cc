#include "http/server.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/text.h"
#include "http/session.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::chrono::milliseconds sweep_interval{500};
constexpr std::chrono::milliseconds pause_when_out_of_files{100};

/// One thread, its event loop and its connections.
class Worker {
 public:
  Worker(const ServerOptions& options, const Service& service) : options_(options), service_(service) {}

  asio::io_context& context() { return context_; }
  std::size_t connections() const { return connections_.load(std::memory_order_relaxed); }

  void start() {
    sweep();
    thread_ = std::thread([this] { context_.run(); });
  }

  void add(tcp::socket socket) {
    connections_.fetch_add(1, std::memory_order_relaxed);
    asio::post(context_, [this, socket = std::move(socket)]() mutable {
      const auto end = [this](const Session* ended) {
        delete ended;
        connections_.fetch_sub(1, std::memory_order_relaxed);
      };
      const std::shared_ptr<Session> session(new Session(std::move(socket), options_, service_), end);
      sessions_.push_back(session);
      session->start();
    });
  }

  /// No more requests; those under way are answered.
  void drain() {
    asio::post(context_, [this] {
      draining_ = true;
      for_each_session([](Session& session) { session.finish(); });
    });
  }

  void stop() {
    asio::post(context_, [this] {
      for_each_session([](Session& session) { session.abort(); });
      context_.stop();
    });
    if (thread_.joinable()) thread_.join();
  }

 private:
  template <class Use>
  void for_each_session(Use use) {
    for (const auto& weak : sessions_) {
      if (const auto session = weak.lock()) use(*session);
    }
  }

  /// One timer for all connections, as setting and clearing one a request costs more than the request's parsing.
  void sweep() {
    timer_.expires_after(sweep_interval);
    timer_.async_wait([this](error_code error) {
      if (error) return;
      const auto now = Session::Clock::now();
      for_each_session([&](Session& session) {
        session.end_if_late(now);
        if (draining_) session.finish();
      });
      std::erase_if(sessions_, [](const auto& weak) { return weak.expired(); });
      sweep();
    });
  }

  const ServerOptions& options_;
  const Service& service_;
  std::atomic<std::size_t> connections_ = 0;  // before context_, which may hold the last of them
  asio::io_context context_{1};
  asio::steady_timer timer_{context_};
  std::vector<std::weak_ptr<Session>> sessions_;  // of the worker's thread
  bool draining_ = false;
  std::thread thread_;
};

}  // namespace

class HttpServer::Listener {
 public:
  Listener(ServerOptions&& options, Service&& service) : options_(std::move(options)), service_(std::move(service)) {
    for (std::size_t i = 0; i < std::max<std::size_t>(options_.threads, 1); ++i) {
      workers_.push_back(std::make_unique<Worker>(options_, service_));
    }
    acceptor_.emplace(workers_.front()->context());
    retry_.emplace(workers_.front()->context());
  }

  Result<void> start() {
    error_code error;
    const auto address = asio::ip::make_address(options_.host, error);
    if (error) return fail(Errc::invalid_input, options_.host + " is no IP address");
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(tcp::acceptor::max_listen_connections, error);
    if (error) {
      return fail(Errc::unavailable,
                  "cannot listen on " + host_and_port(options_.host, options_.port) + ": " + error.message());
    }
    port_ = acceptor_->local_endpoint().port();
    accept();
    for (const auto& worker : workers_) worker->start();
    return {};
  }

  std::uint16_t port() const { return port_; }

  std::size_t connections() const {
    std::size_t total = 0;
    for (const auto& worker : workers_) total += worker->connections();
    return total;
  }

  void stop(std::chrono::seconds grace) {
    if (stopped_) return;
    stopped_ = true;
    asio::post(workers_.front()->context(), [this] {
      error_code ignored;
      acceptor_->close(ignored);
      retry_->cancel();
    });
    for (const auto& worker : workers_) worker->drain();
    const auto until = std::chrono::steady_clock::now() + grace;
    while (connections() > 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    for (const auto& worker : workers_) worker->stop();
  }

 private:
  void accept() {
    Worker& worker = *workers_[next_worker_++ % workers_.size()];
    acceptor_->async_accept(worker.context(), [this, &worker](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted || !acceptor_->is_open()) return;
      if (error) {  // too many open files, say: later again, without spinning
        retry_->expires_after(pause_when_out_of_files);
        retry_->async_wait([this](error_code cancelled) {
          if (!cancelled) accept();
        });
        return;
      }
      if (connections() < options_.connections_max) worker.add(std::move(socket));
      accept();
    });
  }

  const ServerOptions options_;
  const Service service_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<tcp::acceptor> acceptor_;    // of the first worker's thread
  std::optional<asio::steady_timer> retry_;  // likewise
  std::size_t next_worker_ = 0;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
};

bool is_loopback(const std::string& host) {
  error_code error;
  const auto address = asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

HttpServer::HttpServer(ServerOptions options, Service service)
    : listener_(std::make_unique<Listener>(std::move(options), std::move(service))) {}
HttpServer::~HttpServer() { listener_->stop(std::chrono::seconds(0)); }

Result<void> HttpServer::start() { return listener_->start(); }
std::uint16_t HttpServer::port() const { return listener_->port(); }
std::size_t HttpServer::connections() const { return listener_->connections(); }
void HttpServer::stop(std::chrono::seconds grace) { listener_->stop(grace); }

}  // namespace packwalk
