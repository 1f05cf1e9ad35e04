#include "collars/collar_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <utility>
#include <vector>

#include "base/text.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t answer_bytes_max = std::uint64_t{64} * 1024 * 1024;
// A server may close a connection that was idle this long, which looks like a server that took the request and crashed.
constexpr std::chrono::seconds idle_max{20};

struct Job {
  std::string message;  // the whole request
  Answered answered;
};

std::string message_head(std::string_view method_and_path, const ServerAddress& server, const std::string& token) {
  std::string head(method_and_path);
  head.append(" HTTP/1.1\r\nHost: ").append(host_and_port(server.host, server.port));
  head.append("\r\nUser-Agent: packwalk\r\nAuthorization: Bearer ").append(token).append("\r\n");
  return head;
}

std::optional<std::chrono::seconds> retry_after_of(const http::fields& fields) {
  const auto value = fields[http::field::retry_after];
  const auto seconds = number_from<std::uint32_t>(std::string_view(value.data(), value.size()));
  return seconds ? std::optional(std::chrono::seconds(*seconds)) : std::nullopt;
}

/// One connection, which carries one request at a time.
class Link {
 public:
  using Done = std::function<void(Link&)>;  // it is free; called before the answer is told

  Link(asio::io_context& context, const tcp::resolver::results_type& endpoints, std::chrono::seconds timeout, Done done)
      : endpoints_(endpoints), timeout_(timeout), done_(std::move(done)), socket_(context), timer_(context) {}

  void start(Job job) {
    job_ = std::move(job);
    late_ = false;
    if (socket_.is_open() && Clock::now() - idle_since_ > idle_max) close();
    if (socket_.is_open()) {
      write();
    } else {
      connect();
    }
  }

 private:
  void connect() {
    watch();
    asio::async_connect(socket_, endpoints_, [this](error_code error, const tcp::endpoint&) {
      if (error) return give_up(error);
      error_code ignored;
      socket_.set_option(tcp::no_delay(true), ignored);
      write();
    });
  }

  void write() {
    watch();
    asio::async_write(socket_, asio::buffer(job_.message), [this](error_code error, std::size_t) {
      // The answer may have arrived although the server did not read the whole request.
      if (error && error != asio::error::broken_pipe && error != asio::error::connection_reset) return give_up(error);
      read();
    });
  }

  void read() {
    parser_.emplace();
    parser_->body_limit(answer_bytes_max);
    http::async_read(socket_, input_, *parser_, [this](error_code error, std::size_t) {
      if (error) return give_up(error);
      auto message = parser_->release();
      if (!message.keep_alive()) close();
      const auto retry_after = retry_after_of(message);
      tell(CollarAnswer{static_cast<int>(message.result_int()), std::move(message.body()), retry_after});
    });
  }

  /// Cancels a request that takes too long.
  void watch() {
    timer_.expires_after(timeout_);
    timer_.async_wait([this](error_code cancelled) {
      if (cancelled) return;
      late_ = true;
      close();
    });
  }

  void give_up(error_code error) {
    close();
    tell(fail(Errc::unavailable, late_ ? "no answer in time" : error.message()));
  }

  void close() {
    error_code ignored;
    socket_.close(ignored);
    input_.clear();
  }

  void tell(Result<CollarAnswer> answer) {
    timer_.cancel();
    idle_since_ = Clock::now();
    const Answered answered = std::move(job_.answered);
    job_ = {};
    done_(*this);
    answered(std::move(answer));
  }

  const tcp::resolver::results_type& endpoints_;
  const std::chrono::seconds timeout_;
  const Done done_;
  tcp::socket socket_;
  asio::steady_timer timer_;
  boost::beast::flat_buffer input_;
  std::optional<http::response_parser<http::string_body>> parser_;
  Job job_;
  Clock::time_point idle_since_;
  bool late_ = false;
};

}  // namespace

class CollarClient::Engine {
 public:
  Engine(ServerAddress server, const CollarClientOptions& options) : server_(std::move(server)), options_(options) {}

  const ServerAddress& server() const { return server_; }
  std::size_t under_way() const { return under_way_; }

  void start(std::string message, Answered answered) {
    ++under_way_;
    waiting_.push_back({std::move(message), [this, answered = std::move(answered)](Result<CollarAnswer> answer) {
                          --under_way_;
                          ++answers_;
                          answered(std::move(answer));
                        }});
    if (!resolve()) return;
    serve_next();
  }

  void work_until(Clock::time_point until) {
    const std::size_t answers_before = answers_;
    fail_unresolved();
    context_.restart();
    while (answers_ == answers_before) {
      if (context_.run_one_until(until) == 0) return;
    }
    context_.poll();
  }

 private:
  /// The host's addresses, asked for until there is an answer.
  bool resolve() {
    if (!endpoints_.empty()) return true;
    error_code error;
    tcp::resolver resolver(context_);
    endpoints_ = resolver.resolve(server_.host, std::to_string(server_.port), error);
    if (error) resolve_error_ = server_.host + ": " + error.message();
    return !error && !endpoints_.empty();
  }

  void fail_unresolved() {
    if (!endpoints_.empty()) return;
    for (Job& job : std::exchange(waiting_, {})) job.answered(fail(Errc::unavailable, resolve_error_));
  }

  void serve_next() {
    if (waiting_.empty()) return;
    if (idle_.empty()) {
      if (links_.size() == options_.connections_max) return;
      links_.push_back(std::make_unique<Link>(context_, endpoints_, options_.timeout, [this](Link& link) {
        idle_.push_back(&link);
        serve_next();
      }));
      idle_.push_back(links_.back().get());
    }
    Link& link = *idle_.back();
    idle_.pop_back();
    Job job = std::move(waiting_.front());
    waiting_.pop_front();
    link.start(std::move(job));
  }

  const ServerAddress server_;
  const CollarClientOptions options_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> keep_running_{context_.get_executor()};
  tcp::resolver::results_type endpoints_;
  std::string resolve_error_;
  std::deque<Job> waiting_;
  std::vector<std::unique_ptr<Link>> links_;  // before context_ ends: they close their sockets
  std::vector<Link*> idle_;
  std::size_t under_way_ = 0;
  std::size_t answers_ = 0;
};

CollarClient::CollarClient(const ServerAddress& server, const CollarClientOptions& options)
    : engine_(std::make_unique<Engine>(server, options)) {}
CollarClient::~CollarClient() = default;

void CollarClient::post(const CollarRequest& request, Answered answered) {
  std::string message = message_head("POST /v1/packets", engine_->server(), request.token);
  message.append("Content-Type: ").append(request.content_type);
  if (request.gzip) message.append("\r\nContent-Encoding: gzip");
  message.append("\r\nContent-Length: ").append(std::to_string(request.body.size())).append("\r\n\r\n");
  message.append(request.body);
  engine_->start(std::move(message), std::move(answered));
}

std::size_t CollarClient::under_way() const { return engine_->under_way(); }

void CollarClient::work_until(Clock::time_point until) { engine_->work_until(until); }

Result<CollarAnswer> CollarClient::get(const std::string& path, const std::string& token) {
  std::optional<Result<CollarAnswer>> answer;
  engine_->start(message_head("GET " + path, engine_->server(), token) + "\r\n",
                 [&answer](Result<CollarAnswer> got) { answer = std::move(got); });
  while (!answer) engine_->work_until(Clock::now() + std::chrono::seconds(1));
  return *std::move(answer);
}

Result<ServerAddress> server_address_from(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  const auto refuse = [&] { return fail(Errc::invalid_input, std::string(url) + " is not http://HOST:PORT"); };
  std::string_view rest = url;
  if (lower_case(rest.substr(0, scheme.size())) == scheme) rest.remove_prefix(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.find('/') != std::string_view::npos) return refuse();
  ServerAddress address;
  const std::size_t bracket = rest.starts_with('[') ? rest.find(']') : 0;
  if (bracket == std::string_view::npos) return refuse();
  const std::size_t colon = rest.find(':', bracket);
  std::string_view host = rest.substr(0, colon);
  if (colon != std::string_view::npos) {
    const auto port = number_from<std::uint16_t>(rest.substr(colon + 1));
    if (!port || *port == 0) return refuse();
    address.port = *port;
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("@? ") != std::string_view::npos) return refuse();
  address.host = host;
  return address;
}

}  // namespace packwalk
