#include "http/server.h"

#include <malloc.h>

#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <utility>
#include <vector>

#include "http/http_connection.h"
#include "http/listener.h"

namespace packwalk {
namespace {

constexpr std::size_t trimmed_connections = 1000;
constexpr std::size_t trimmed_bytes = 8UL * 1024 * 1024;

/// One address gets half, unless it is a proxy that may use all connections.
std::size_t address_share(const ServerOptions& options, std::size_t bytes) {
  const bool is_for_proxy = options.address_connections_max >= options.connections_max;
  return is_for_proxy ? bytes : bytes / 2;
}

/// A request of the greatest size, with the bytes beside its body.
std::size_t request_bytes_greatest(const ServerOptions& options, const std::vector<Route>& routes) {
  std::size_t body = options.body_bytes_max;
  for (const Route& route : routes) body = std::max(body, route.body_bytes_max);
  return body + 4 * options.header_bytes_max;
}

/// A request of the greatest size must always fit, and small ones with a valid token must fit beside any number of
/// others.
ByteBudget::Limits body_limits(const ServerOptions& options, std::size_t greatest) {
  const std::size_t reserve = options.bodies_bytes_max / 4;
  return {.bytes_max = std::max(options.bodies_bytes_max, greatest + reserve),
          .owner_bytes_max = std::max(address_share(options, options.bodies_bytes_max), greatest),
          .reserve_bytes = reserve};
}

/// The size of one request with a chunked body of 64 KiB, or of some smaller ones.
std::size_t little_bytes(const ServerOptions& options) { return 128UL * 1024 + 4 * options.header_bytes_max; }

/// One token, used from any number of addresses, may hold as much as one request.
ByteBudget::Limits device_limits(const ServerOptions& options, std::size_t greatest) {
  return {.bytes_max = body_limits(options, greatest).bytes_max, .owner_bytes_max = greatest, .reserve_bytes = 0};
}

ByteBudget::Limits response_limits(const ServerOptions& options) {
  return {.bytes_max = options.responses_bytes_max,
          .owner_bytes_max = address_share(options, options.responses_bytes_max),
          .reserve_bytes = 0};
}

/// Of the slow connections of one device, so many need not give way: a phone may have a few at once.
SeatLimits device_seat_limits(const ServerOptions& options) {
  constexpr std::size_t of_one_device = 4;
  return {.connections_max = options.connections_max, .address_connections_max = of_one_device};
}

ListenerOptions listener_options(const ServerOptions& options) {
  return {.host = options.host,
          .port = options.port,
          .threads = options.threads,
          .connections_max = options.connections_max,
          .address_connections_max = options.address_connections_max,
          .first_byte_timeout = options.first_byte_timeout};
}

}  // namespace

class HttpServer::Engine {
 public:
  Engine(ServerOptions&& options, Service&& service)
      : options_(std::move(options)),
        service_(std::move(service)),
        router_(service_.routes, options_.allow_origins),
        request_bytes_(body_limits(options_, request_bytes_greatest(options_, service_.routes))),
        device_bytes_(device_limits(options_, request_bytes_greatest(options_, service_.routes))),
        response_bytes_(response_limits(options_)),
        device_seats_(device_seat_limits(options_)),
        parts_{options_,      service_,        router_,       request_bytes_,
               device_bytes_, response_bytes_, device_seats_, little_bytes(options_)},
        listener_(listener_options(options_),
                  {.make = [this](Accepted accepted) -> std::unique_ptr<AcceptedConnection> {
                     return std::make_unique<HttpConnection>(std::move(accepted), parts_);
                   },
                   .report =
                       [this](std::string_view what) {
                         service_.report({.method = "", .pattern = "", .address = "", .what = what});
                       },
                   .each_sweep = [this] { trim_memory(); }}) {}

  Listener& listener() { return listener_; }
  std::size_t body_bytes() const { return request_bytes_.held(); }
  std::size_t response_bytes() const { return response_bytes_.held(); }

 private:
  /// After many connections or large bodies, returns memory to the system that malloc would keep.
  void trim_memory() {
    const std::size_t connections_now = listener_.connections();
    const std::size_t bytes_now = request_bytes_.held() + response_bytes_.held();
    connections_peak_ = std::max(connections_peak_, connections_now);
    bytes_peak_ = std::max(bytes_peak_, bytes_now);
    if (connections_peak_ - connections_now < trimmed_connections && bytes_peak_ - bytes_now < trimmed_bytes) return;
    connections_peak_ = connections_now;
    bytes_peak_ = bytes_now;
    ::malloc_trim(0);
  }

  const ServerOptions options_;
  const Service service_;
  const Router router_;
  ByteBudget request_bytes_;
  ByteBudget device_bytes_;
  ByteBudget response_bytes_;
  ConnectionSeats device_seats_;
  const HttpConnectionParts parts_;
  std::size_t connections_peak_ = 0;  // used only by the sweeping thread, like the next one
  std::size_t bytes_peak_ = 0;
  Listener listener_;  // last, because its threads use all members
};

bool is_ip_address(const std::string& text) {
  boost::system::error_code error;
  boost::asio::ip::make_address(text, error);
  return !error;
}

bool is_loopback(const std::string& host) {
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  return !error && address.is_loopback();
}

HttpServer::HttpServer(ServerOptions options, Service service)
    : engine_(std::make_unique<Engine>(std::move(options), std::move(service))) {}
HttpServer::~HttpServer() = default;

Result<void> HttpServer::start() { return engine_->listener().start(); }
std::uint16_t HttpServer::port() const { return engine_->listener().port(); }
std::size_t HttpServer::connections() const { return engine_->listener().connections(); }
std::size_t HttpServer::body_bytes() const { return engine_->body_bytes(); }
std::size_t HttpServer::response_bytes() const { return engine_->response_bytes(); }
void HttpServer::stop(std::chrono::seconds grace) { engine_->listener().stop(grace); }

}  // namespace packwalk
