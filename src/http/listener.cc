#include "http/listener.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "base/text.h"
#include "http/newcomers.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr int accepted_together_max = 64;
constexpr std::chrono::milliseconds drain_interval{20};

}  // namespace

class Listener::Acceptor {
 public:
  Acceptor(const ListenerOptions& options, ListenerParts&& parts)
      : options_(options),
        each_sweep_(std::move(parts.each_sweep)),
        seats_({options.connections_max, options.address_connections_max}),
        parts_{std::move(parts.make), std::move(parts.report), seats_, options.first_byte_timeout},
        newcomers_(seats_, workers_, options.connections_max) {
    for (std::size_t i = 0; i < std::max<std::size_t>(options.threads, 1); ++i) {
      workers_.push_back(std::make_unique<Worker>(parts_));
    }
    acceptor_.emplace(workers_.front()->context());
  }

  Result<void> start() {
    error_code error;
    const auto address = asio::ip::make_address(options_.host, error);
    if (error) return fail(Errc::invalid_input, options_.host + " is not an IP address");
    const tcp::endpoint endpoint(address, options_.port);
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(tcp::acceptor::max_listen_connections, error);
    if (!error) acceptor_->non_blocking(true, error);
    if (error) {
      return fail(Errc::unavailable,
                  "cannot listen on " + host_and_port(options_.host, options_.port) + ": " + error.message());
    }
    port_ = acceptor_->local_endpoint().port();
    accept();
    for (const auto& worker : workers_) {
      const bool accepts = worker == workers_.front();
      worker->start([this, accepts] {
        if (!accepts) return;
        if (!is_accepting_) accept();
        each_sweep_();
      });
    }
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
    });
    for (const auto& worker : workers_) worker->drain();
    const auto until = std::chrono::steady_clock::now() + grace;
    while (connections() > 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(drain_interval);
    for (const auto& worker : workers_) worker->stop();
    newcomers_.clear();  // destroyed before the event loops of their sockets
  }

 private:
  /// If it fails, for example because too many files are open, the next sweep retries.
  void accept() {
    is_accepting_ = false;
    if (!acceptor_->is_open()) return;
    Worker& worker = next_worker();
    acceptor_->async_accept(worker.context(), [this, &worker](error_code error, tcp::socket socket) {
      is_accepting_ = false;
      if (!acceptor_->is_open()) return;
      if (!error) admit(worker, std::move(socket));
      if (!error) error = accept_waiting();
      if (!error || error == asio::error::would_block || error == asio::error::connection_aborted) accept();
    });
    is_accepting_ = true;
  }

  /// Accepts all waiting connections, up to a bound: a busy event loop gets here seldom, and callers would queue up.
  error_code accept_waiting() {
    error_code error;
    for (int i = 0; i < accepted_together_max && !error; ++i) {
      Worker& worker = next_worker();
      tcp::socket socket = acceptor_->accept(worker.context(), error);
      if (!error) admit(worker, std::move(socket));
    }
    return error;
  }

  /// Workers get connections in turn.
  Worker& next_worker() const { return *workers_[accepted_ % workers_.size()]; }

  void admit(Worker& worker, tcp::socket socket) {
    ++accepted_;
    try {
      newcomers_.admit(worker, std::move(socket));
    } catch (const std::exception& fault) {  // no memory: this connection ends
      report(fault.what());
    }
  }

  void report(const char* what) const noexcept {
    try {
      parts_.report(what);
    } catch (...) {  // NOLINT(bugprone-empty-catch): no memory to report it
    }
  }

  const ListenerOptions options_;
  const std::function<void()> each_sweep_;
  ConnectionSeats seats_;
  const WorkerParts parts_;
  Workers workers_;
  std::optional<tcp::acceptor> acceptor_;  // used only on the first worker's thread, like the next ones
  Newcomers newcomers_;
  std::size_t accepted_ = 0;
  bool is_accepting_ = false;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
};

Listener::Listener(const ListenerOptions& options, ListenerParts parts)
    : acceptor_(std::make_unique<Acceptor>(options, std::move(parts))) {}
Listener::~Listener() { acceptor_->stop(std::chrono::seconds(0)); }

Result<void> Listener::start() { return acceptor_->start(); }
std::uint16_t Listener::port() const { return acceptor_->port(); }
std::size_t Listener::connections() const { return acceptor_->connections(); }
void Listener::stop(std::chrono::seconds grace) { acceptor_->stop(grace); }

}  // namespace packwalk
