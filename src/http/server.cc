#include "http/server.h"

#include <malloc.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <iterator>
#include <list>
#include <optional>
#include <thread>
#include <vector>

#include "base/text.h"
#include "http/http_connection.h"
#include "http/worker.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr std::size_t newcomers_max = 64;  // that wait for the seat of an idle connection
constexpr int accepted_together_max = 64;
constexpr std::chrono::milliseconds silence_allowed{250};      // of a new connection, when another one has no seat
constexpr std::chrono::milliseconds unfinished_allowed{2000};  // likewise, of a request without a good token
constexpr std::size_t trimmed_connections = 1000;
constexpr std::size_t trimmed_bytes = 8UL * 1024 * 1024;

/// An IPv4 address in one form, also on a socket that takes both.
std::string address_text(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

/// One address gets half, unless it is a proxy that may have all connections.
std::size_t address_share(const ServerOptions& options, std::size_t bytes) {
  const bool is_for_proxy = options.address_connections_max >= options.connections_max;
  return is_for_proxy ? bytes : bytes / 2;
}

/// Of the greatest size, with what is read beside its body.
std::size_t request_bytes_greatest(const ServerOptions& options, const std::vector<Route>& routes) {
  std::size_t body = options.body_bytes_max;
  for (const Route& route : routes) body = std::max(body, route.body_bytes_max);
  return body + 4 * options.header_bytes_max;
}

/// A request of the greatest size must always fit, and small ones with a good token beside any number of others.
ByteBudget::Limits body_limits(const ServerOptions& options, std::size_t greatest) {
  const std::size_t reserve = options.bodies_bytes_max / 4;
  return {.bytes_max = std::max(options.bodies_bytes_max, greatest + reserve),
          .owner_bytes_max = std::max(address_share(options, options.bodies_bytes_max), greatest),
          .reserve_bytes = reserve};
}

/// Of one request with a body of 64 KiB, sent in chunks, or of some smaller ones.
std::size_t little_bytes(const ServerOptions& options) { return 128UL * 1024 + 4 * options.header_bytes_max; }

/// One token, shown from any number of addresses, holds as much as one request may.
ByteBudget::Limits device_limits(const ServerOptions& options, std::size_t greatest) {
  return {.bytes_max = body_limits(options, greatest).bytes_max, .owner_bytes_max = greatest, .reserve_bytes = 0};
}

ByteBudget::Limits response_limits(const ServerOptions& options) {
  return {.bytes_max = options.responses_bytes_max,
          .owner_bytes_max = address_share(options, options.responses_bytes_max),
          .reserve_bytes = 0};
}

}  // namespace

class HttpServer::Listener {
 public:
  Listener(ServerOptions&& options, Service&& service)
      : options_(std::move(options)),
        service_(std::move(service)),
        router_(service_.routes),
        seats_({options_.connections_max, options_.address_connections_max}),
        request_bytes_(body_limits(options_, request_bytes_greatest(options_, service_.routes))),
        device_bytes_(device_limits(options_, request_bytes_greatest(options_, service_.routes))),
        response_bytes_(response_limits(options_)) {
    const HttpConnectionParts parts{options_,       service_,      router_,         seats_,
                                    request_bytes_, device_bytes_, response_bytes_, little_bytes(options_)};
    for (std::size_t i = 0; i < std::max<std::size_t>(options_.threads, 1); ++i) {
      workers_.push_back(std::make_unique<Worker>(parts));
    }
    acceptor_.emplace(workers_.front()->context());
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
        trim_memory();
      });
    }
    return {};
  }

  std::uint16_t port() const { return port_; }
  std::size_t body_bytes() const { return request_bytes_.held(); }
  std::size_t response_bytes() const { return response_bytes_.held(); }

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
    while (connections() > 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    for (const auto& worker : workers_) worker->stop();
    newcomers_.clear();  // before the event loops of their sockets
  }

 private:
  /// A connection that waits until another has ended for it.
  struct Newcomer {
    Worker& worker;
    tcp::socket socket;
    std::uint64_t key;
    std::string address;
    bool own_only = false;  // its address has all the seats that it may have
    std::size_t step = 0;   // of make_room()
  };

  /// Where it cannot, as too many files are open, say, the next sweep calls again.
  void accept() {
    is_accepting_ = false;
    if (!acceptor_->is_open()) return;
    Worker& worker = next_worker();
    acceptor_->async_accept(worker.context(), [this, &worker](error_code error, tcp::socket socket) {
      is_accepting_ = false;
      if (!acceptor_->is_open()) return;
      if (!error) admit_guarded(worker, std::move(socket));
      if (!error) error = accept_waiting();
      if (!error || error == asio::error::would_block || error == asio::error::connection_aborted) accept();
    });
    is_accepting_ = true;
  }

  /// All that wait, up to a bound: a busy event loop comes here seldom, and callers would wait in a long row.
  error_code accept_waiting() {
    error_code error;
    for (int i = 0; i < accepted_together_max && !error; ++i) {
      Worker& worker = next_worker();
      tcp::socket socket = acceptor_->accept(worker.context(), error);
      if (!error) admit_guarded(worker, std::move(socket));
    }
    return error;
  }

  /// Each in turn gets a connection.
  Worker& next_worker() const { return *workers_[accepted_ % workers_.size()]; }

  void admit_guarded(Worker& worker, tcp::socket socket) {
    ++accepted_;
    try {
      admit(worker, std::move(socket));
    } catch (const std::exception& fault) {  // no memory: this connection ends
      report(fault.what());
    }
  }

  /// After a storm of connections or large bodies, gives back to the system what malloc would keep.
  void trim_memory() {
    const std::size_t connections_now = connections();
    const std::size_t bytes_now = request_bytes_.held() + response_bytes_.held();
    connections_peak_ = std::max(connections_peak_, connections_now);
    bytes_peak_ = std::max(bytes_peak_, bytes_now);
    if (connections_peak_ - connections_now < trimmed_connections && bytes_peak_ - bytes_now < trimmed_bytes) return;
    connections_peak_ = connections_now;
    bytes_peak_ = bytes_now;
    ::malloc_trim(0);
  }

  void report(const char* what) noexcept {
    try {
      service_.report({.method = "", .pattern = "", .address = "", .what = what});
    } catch (...) {  // NOLINT(bugprone-empty-catch): there is no memory to say so
    }
  }

  /// A connection without a seat is closed.
  void admit(Worker& worker, tcp::socket socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return;  // it is gone
    std::string address = address_text(endpoint.address());
    const std::uint64_t key = address_key(address);
    const auto outcome = seats_.take(key);
    if (outcome == ConnectionSeats::Outcome::taken) {
      return worker.add(std::move(socket), Seat(seats_, key), std::move(address));
    }
    // Each of them has an open file, and there may be few.
    if (newcomers_.size() >= std::min(newcomers_max, options_.connections_max / 8 + 1)) return;
    newcomers_.push_back(
        {worker, std::move(socket), key, std::move(address), outcome == ConnectionSeats::Outcome::address_is_full});
    make_room(std::prev(newcomers_.end()));
  }

  /// Ends one connection after another until the newcomer has a seat: first one that is kept alive, then a silent one,
  /// and then an unfinished one of each worker in turn.
  void make_room(std::list<Newcomer>::iterator newcomer) {
    while (newcomer->step < 2 + workers_.size()) {
      const std::size_t step = newcomer->step++;
      Worker* const worker = step == 0   ? longest_waiting(&WaitingConnections::kept_alive)
                             : step == 1 ? longest_waiting(&WaitingConnections::silent, silence_allowed)
                                         : workers_[step - 2].get();
      if (!worker || (step > 1 && !waits(*worker, &WaitingConnections::unfinished, unfinished_allowed))) continue;
      return worker->end_one(choice_for(*newcomer, step), [this, newcomer] {
        asio::post(workers_.front()->context(), [this, newcomer] { admit_after_other(newcomer); });
      });
    }
    newcomers_.erase(newcomer);
  }

  /// Nobody loses a connection to an address that has more of them. Silent and unfinished ones give way to an address
  /// that has few, or to their own: behind a proxy all have the same.
  std::function<HttpConnection*(WaitingConnections&)> choice_for(const Newcomer& newcomer, std::size_t step) const {
    const bool own_only = newcomer.own_only || (step > 0 && !seats_.has_few(newcomer.key));
    return [this, step, key = newcomer.key, own_only](WaitingConnections& waiting) -> HttpConnection* {
      const auto before = std::chrono::steady_clock::now() - unfinished_allowed;
      HttpConnection* const chosen =
          step == 0   ? waiting.kept_alive.longest()
          : step == 1 ? waiting.silent.longest()
                      : waiting.unfinished.of_fullest(before, seats_, own_only ? std::optional(key) : std::nullopt);
      if (!chosen) return nullptr;
      const std::uint64_t other = chosen->address();
      const bool may_end = other == key || (!own_only && seats_.count_of(other) >= seats_.count_of(key));
      return may_end ? chosen : nullptr;
    };
  }

  static bool waits(const Worker& worker, IdleConnections WaitingConnections::*kind, std::chrono::milliseconds time) {
    return worker.waits_since(kind) <= (std::chrono::steady_clock::now() - time).time_since_epoch().count();
  }

  /// None when nobody waits for so long.
  Worker* longest_waiting(IdleConnections WaitingConnections::*kind, std::chrono::milliseconds time = {}) const {
    const auto longest = std::min_element(workers_.begin(), workers_.end(), [kind](const auto& a, const auto& b) {
      return a->waits_since(kind) < b->waits_since(kind);
    });
    return waits(**longest, kind, time) ? longest->get() : nullptr;
  }

  void admit_after_other(std::list<Newcomer>::iterator place) {
    if (seats_.take(place->key) != ConnectionSeats::Outcome::taken) return make_room(place);
    Newcomer newcomer = std::move(*place);
    newcomers_.erase(place);
    newcomer.worker.add(std::move(newcomer.socket), Seat(seats_, newcomer.key), std::move(newcomer.address));
  }

  const ServerOptions options_;
  const Service service_;
  const Router router_;
  ConnectionSeats seats_;
  ByteBudget request_bytes_;
  ByteBudget device_bytes_;
  ByteBudget response_bytes_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::optional<tcp::acceptor> acceptor_;  // of the first worker's thread, as the next ones
  std::size_t accepted_ = 0;
  std::list<Newcomer> newcomers_;
  bool is_accepting_ = false;
  std::size_t connections_peak_ = 0;
  std::size_t bytes_peak_ = 0;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
};

bool is_ip_address(const std::string& text) {
  error_code error;
  asio::ip::make_address(text, error);
  return !error;
}

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
std::size_t HttpServer::body_bytes() const { return listener_->body_bytes(); }
std::size_t HttpServer::response_bytes() const { return listener_->response_bytes(); }
void HttpServer::stop(std::chrono::seconds grace) { listener_->stop(grace); }

}  // namespace packwalk
