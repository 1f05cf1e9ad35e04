#include "http/session.h"

#include <array>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <ctime>
#include <utility>

#include "base/text.h"
#include "http/problem.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr std::size_t read_size = 4096;
constexpr std::size_t chunked_end_size = 5;
constexpr std::size_t output_kept_max = std::size_t{64} * 1024;  // between answers
constexpr std::size_t linger_bytes_max = 16UL * 1024 * 1024;
constexpr std::chrono::seconds linger_timeout{5};

std::string field(const http::fields& fields, http::field name) {
  const auto value = fields[name];
  return {value.data(), value.size()};
}

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return Method::get;
    case http::verb::head:
      return Method::head;
    case http::verb::post:
      return Method::post;
    default:
      return Method::other;
  }
}

Request request_from(http::request<http::string_body>&& message) {
  Request request;
  request.method = method_of(message.method());
  const std::string_view target(message.target().data(), message.target().size());
  const std::size_t mark = std::min(target.find('?'), target.size());
  request.path = target.substr(0, mark);
  request.query = target.substr(std::min(mark + 1, target.size()));
  request.authorization = field(message, http::field::authorization);
  request.content_type = field(message, http::field::content_type);
  request.content_encoding = field(message, http::field::content_encoding);
  request.accept = field(message, http::field::accept);
  request.user_agent = field(message, http::field::user_agent);
  request.body = std::move(message.body());
  request.received_at = std::chrono::steady_clock::now();
  return request;
}

/// IMF-fixdate (RFC 9110 section 5.6.7), made once a second a thread.
std::string_view date_now() {
  thread_local std::time_t made_at = 0;
  thread_local std::array<char, 40> text{};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    size = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made_at = now;
  }
  return {text.data(), size};
}

void write_response(std::string& output, const Response& response, bool keep_alive, bool head_only) {
  output.clear();
  output.append("HTTP/1.1 ");
  append_number(output, std::int64_t{response.status});
  output.append(" ").append(reason_phrase(response.status)).append("\r\nServer: packwalk\r\nDate: ").append(date_now());
  if (!response.content_type.empty()) output.append("\r\nContent-Type: ").append(response.content_type);
  output.append("\r\nContent-Length: ");
  append_number(output, static_cast<std::int64_t>(response.body.size()));
  for (const auto& [name, value] : response.headers) output.append("\r\n").append(name).append(": ").append(value);
  output.append(keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n");
  if (!head_only) output.append(response.body);
}

}  // namespace

Session::Session(asio::ip::tcp::socket socket, const ServerOptions& options, const Service& service)
    : options_(options), service_(service), socket_(std::move(socket)) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void Session::start() { next_request(); }

void Session::end_if_late(Clock::time_point now) {
  if (now > deadline_) abort();
}

void Session::finish() {
  finishing_ = true;
  if (!answering_ && !lingering_) abort();
}

void Session::abort() {
  error_code ignored;
  socket_.close(ignored);
}

void Session::next_request() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
  parser_->body_limit(options_.body_bytes_max);
  parser_->eager(true);
  continued_ = false;
  deadline_ = Clock::now() + (input_.size() > 0 ? options_.request_timeout : options_.idle_timeout);
  if (input_.size() > 0) {
    take_input({}, 0);
  } else {
    read_on();
  }
}

void Session::read_on() {
  socket_.async_read_some(input_.prepare(read_size), [self = shared_from_this()](error_code error, std::size_t bytes) {
    if (!self->parser_->got_some() && !error) self->deadline_ = Clock::now() + self->options_.request_timeout;
    self->take_input(error, bytes);
  });
}

void Session::take_input(error_code error, std::size_t bytes) {
  if (error) {
    // The peer ended its side or is gone: a request that is not whole cannot be answered.
    abort();
    return;
  }
  input_.commit(bytes);
  while (!parser_->is_done() && input_.size() > 0) {
    // What is left of a chunked body is never less than "0\r\n\r\n"; Beast 1.81 asserts that it sees no less.
    if (parser_->is_header_done() && parser_->chunked() && input_.size() < chunked_end_size) break;
    error_code parse_error;
    input_.consume(parser_->put(input_.data(), parse_error));
    if (parse_error == http::error::need_more) break;
    if (parse_error) {
      refuse(parse_error);
      return;
    }
  }
  // Beast bounds neither the extension of a chunk nor a trailer; body bytes never wait here.
  if (!parser_->is_done() && input_.size() > options_.header_bytes_max + read_size) {
    refuse(http::error::header_limit);
    return;
  }
  if (parser_->is_done()) {
    handle();
  } else if (wants_continue()) {
    send_continue();
  } else {
    read_on();
  }
}

bool Session::wants_continue() const {
  if (continued_ || !parser_->is_header_done()) return false;
  const auto expect = parser_->get()[http::field::expect];
  return lower_case({expect.data(), expect.size()}) == "100-continue";
}

void Session::send_continue() {
  continued_ = true;
  output_ = "HTTP/1.1 100 Continue\r\n\r\n";
  asio::async_write(socket_, asio::buffer(output_), [self = shared_from_this()](error_code error, std::size_t) {
    if (!error) self->read_on();
  });
}

void Session::refuse(error_code error) {
  answering_ = true;
  keep_alive_ = false;
  head_only_ = false;
  if (error == http::error::body_limit) {
    answer_refusal(problem(413, "a body has at most " + std::to_string(options_.body_bytes_max) + " bytes"));
  } else if (error == http::error::header_limit) {
    answer_refusal(problem(431, "the header is too large"));
  } else {
    answer_refusal(problem(400, "this is not HTTP/1.1: " + error.message()));
  }
}

void Session::handle() {
  answering_ = true;
  http::request<http::string_body> message = parser_->release();
  keep_alive_ = message.keep_alive();
  head_only_ = message.method() == http::verb::head;
  deadline_ = Clock::time_point::max();
  const Reply reply = [self = shared_from_this()](Response response) {
    auto& executor = self->socket_.get_executor();
    asio::dispatch(executor, [self, response = std::move(response)] { self->answer(response); });
  };
  try {
    service_.handle(request_from(std::move(message)), reply);
  } catch (const std::exception&) {  // memory ran out, say
    keep_alive_ = false;
    answer_refusal(problem(500, "the server could not answer this request"));
  }
}

void Session::answer_refusal(const Response& response) {
  service_.refused(response.status);
  answer(response);
}

void Session::answer(const Response& response) {
  if (response.drop) {
    abort();
    return;
  }
  keep_alive_ = keep_alive_ && !finishing_;
  write_response(output_, response, keep_alive_, head_only_);
  deadline_ = Clock::now() + options_.write_timeout;
  asio::async_write(socket_, asio::buffer(output_),
                    [self = shared_from_this()](error_code error, std::size_t) { self->after_write(error); });
}

void Session::after_write(error_code error) {
  answering_ = false;
  if (output_.capacity() > output_kept_max) output_ = {};
  if (error) {
    abort();
  } else if (keep_alive_ && !finishing_) {
    next_request();
  } else {
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
    deadline_ = Clock::now() + linger_timeout;
    lingering_ = true;
    linger();
  }
}

/// Reads what the peer still sends, as closing a socket with unread bytes would throw our answer away on its way.
void Session::linger() {
  input_.clear();
  socket_.async_read_some(input_.prepare(read_size), [self = shared_from_this()](error_code error, std::size_t bytes) {
    self->linger_bytes_ += bytes;
    if (error || self->linger_bytes_ > linger_bytes_max) {
      self->abort();
    } else {
      self->linger();
    }
  });
}

}  // namespace packwalk
