#include "http/http_connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/write.hpp>
#include <utility>

#include "http/problem.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t drained_bytes_max = 64UL * 1024;        // of a refused body; with more, the connection ends
constexpr std::size_t linger_bytes_max = 16UL * 1024 * 1024;  // read and forgotten before it is closed
constexpr std::chrono::seconds linger_timeout{5};
constexpr std::size_t read_progress_bytes = 64UL * 1024;  // of a device's body, in the time that a request may take
constexpr std::string_view tls_handshake = "\x16\x03";    // the first bytes of whoever was given https://
constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

Response too_many_bytes() {
  return try_again(Problem::overloaded, "the server reads as many large requests as it can: send it again");
}

/// Why a request reached no handler, by what it is answered.
std::string_view reason_of(int status) {
  switch (status) {
    case 404:
      return "unknown_path";
    case 405:
      return "wrong_method";
    case 413:
    case 431:
      return "too_large";
    case 503:
      return "overloaded";
    default:
      return "malformed";
  }
}

}  // namespace

void HttpConnection::fail(const char* what) noexcept {
  try {
    report(what);
  } catch (...) {  // NOLINT(bugprone-empty-catch): there is no memory to say so
  }
  abort();
}

void HttpConnection::report(std::string_view what) {
  const bool has_head = parser_ && parser_->has_head();
  parts_.service.report({.method = has_head ? name_of(head_only_ ? Method::head : parser_->request().method) : "",
                         .pattern = route_ ? route_->pattern : "",
                         .address = remote_address_,
                         .what = what});
}

HttpConnection::HttpConnection(asio::ip::tcp::socket socket, Seat seat, std::string remote_address,
                               const HttpConnectionParts& parts, WaitingConnections& waiting)
    : parts_(parts),
      waiting_(waiting),
      remote_address_(std::move(remote_address)),
      socket_(std::move(socket)),
      seat_(std::move(seat)),
      request_charge_(parts.request_bytes, seat_.address()),
      response_charge_(parts.response_bytes, seat_.address()) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

void HttpConnection::start() {
  guard([this] { next_request(); });
}

void HttpConnection::look_after(Clock::time_point now) {
  const bool is_silent =
      !has_spoken_ && now - opened_at_ > parts_.options.first_byte_timeout && parts_.seats.are_scarce();
  if (now > deadline_ && rest_) report("a response was cut off: its rest was not made or not read in time");
  if (now > deadline_ || is_silent || is_lost_) return abort();
  if (phase_ == Phase::streaming && asks_again_) guard([this] { ask_for_piece(); });
  if (phase_ == Phase::streaming && piece_without_room_) {
    guard([this] { take_piece(*std::exchange(piece_without_room_, std::nullopt)); });
  }
  // Where a read is under way, it tells. Where the buffer is full of what comes after the request, nobody reads.
  if (is_waited_for() && heeds_gone() && !reading_ && !peer_ended_ && !peer_is_there()) {
    gone_.request_stop();
  }
}

bool HttpConnection::peer_is_there() {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (::getsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  return info.tcpi_state == TCP_ESTABLISHED;
}

void HttpConnection::finish() {
  finishing_ = true;
  if (phase_ == Phase::head || phase_ == Phase::body || phase_ == Phase::draining) abort();
}

void HttpConnection::abort() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  wait_no_more();
  error_code ignored;
  // A reset, so that the caller does not take a part of a response for the whole: in HTTP/1.0 it ends with the
  // connection.
  if (rest_) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  seat_.leave();
  gone_.request_stop();
  rest_.reset();
  piece_without_room_.reset();
}

void HttpConnection::wait_in(IdleConnections& list) {
  wait_no_more();
  idle_entry_.since = Clock::now();
  list.add(idle_entry_);
  waits_in_ = &list;
}

void HttpConnection::wait_no_more() {
  if (waits_in_) waits_in_->remove(idle_entry_);
  waits_in_ = nullptr;
}

void HttpConnection::next_request() {
  wait_no_more();
  is_admitted_ = false;
  device_charge_.reset();
  phase_ = Phase::head;
  route_ = nullptr;
  received_at_ = {};
  continued_ = false;
  head_only_ = false;
  ++turn_;
  parser_.emplace(parts_.options.header_bytes_max);
  const bool begins = !holds_empty_lines_only(input_.waiting());
  deadline_ = Clock::now() + (begins ? parts_.options.request_timeout : parts_.options.idle_timeout);
  if (!input_.waiting().empty()) return take_input();
  wait_in(has_spoken_ ? waiting_.kept_alive : waiting_.silent);
  read_on();
}

/// For the request that is being read.
void HttpConnection::read_on() {
  if (!charge_request(reading_ ? input_.capacity() : input_.capacity_for_room())) {
    return phase_ == Phase::draining ? end_gently() : refuse_bytes(too_many_bytes());
  }
  if (!waits_in_ && !is_admitted_) wait_in(parser_->has_begun() ? waiting_.unfinished : waiting_.kept_alive);
  if (reading_) return;
  if (peer_ended_) return abort();  // a request that is not whole cannot be answered
  start_read();
}

/// To learn when the caller is gone. Bounded by the buffer, which does not grow for it.
void HttpConnection::read_ahead() {
  if (heeds_gone() && !reading_ && !peer_ended_ && !input_.is_full()) start_read();
}

void HttpConnection::start_read() {
  const InputBuffer::Room room = input_.room();
  socket_.async_read_some(asio::buffer(room.data, room.size),
                          [self = shared_from_this()](error_code error, std::size_t bytes) {
                            self->reading_ = false;
                            self->guard([&] { self->received(error, bytes); });
                          });
  reading_ = true;
}

void HttpConnection::received(error_code error, std::size_t bytes) {
  if (phase_ == Phase::closed) return;
  const bool is_busy = phase_ == Phase::deciding || is_waited_for() || phase_ == Phase::writing;
  if (error) {
    if (error != asio::error::eof || !is_busy) return abort();
    peer_ended_ = true;
    gone_.request_stop();
    return;
  }
  if (waits_in_ != &waiting_.unfinished) wait_no_more();
  input_.commit(bytes);
  if (phase_ == Phase::lingering) {
    linger_bytes_ += bytes;
    linger();
  } else if (is_waited_for()) {
    read_ahead();
  } else if (phase_ != Phase::deciding && phase_ != Phase::writing) {
    const bool is_more = !has_spoken_ || !holds_empty_lines_only(input_.waiting());
    if (phase_ == Phase::head && !parser_->has_begun() && is_more)
      deadline_ = Clock::now() + parts_.options.request_timeout;
    has_spoken_ = true;
    take_input();
  }
}

/// What the connection holds of requests, with a buffer of so many bytes: all but a little of it counts. The reserve is
/// for small requests with a good token: strangers could hold it from any number of addresses.
bool HttpConnection::charge_request(std::size_t buffer_bytes) {
  const std::size_t buffer = std::max(buffer_bytes, InputBuffer::capacity_min) - InputBuffer::capacity_min;
  const std::size_t bytes = buffer + held_bytes(parser_->request());
  if (bytes <= Charge::free_bytes) return request_charge_.set(bytes) && (!device_charge_ || device_charge_->set(bytes));
  const bool may_reserve = is_admitted_ && holds_little_with(bytes);
  const auto reserve = may_reserve ? ByteBudget::Reserve::open : ByteBudget::Reserve::closed;
  return request_charge_.set(bytes, reserve) && (!device_charge_ || device_charge_->set(bytes));
}

/// Whose token the head has shown is judged by what it holds, wherever it is; behind a proxy all have one address.
bool HttpConnection::holds_little_with(std::size_t bytes) const {
  const Charge& charge = device_charge_ ? *device_charge_ : request_charge_;
  return charge.of_owner_with(bytes) <= parts_.little_bytes;
}

void HttpConnection::take_input() {
  input_.consume(parser_->read(input_.waiting()));
  if (!reading_) input_.fit();
  if (parser_->failure() && phase_ == Phase::draining) return end_gently();
  if (const auto& failure = parser_->failure()) return refuse_bytes(refused_bytes(failure->status, failure->detail));
  if (phase_ == Phase::head && parser_->has_head()) return take_head();
  if (phase_ == Phase::draining && parser_->is_whole()) return next_request();
  if (phase_ == Phase::body) return take_body();
  read_on();
}

void HttpConnection::take_head() {
  Request& head = parser_->request();
  head.received_at = received_at_ = Clock::now();
  head.remote_address = remote_address_;
  head.gone = gone_.get_token();
  keep_alive_ = parser_->keeps_alive();
  head_only_ = head.method == Method::head;
  Router::Found found = parts_.router.find(head);
  route_ = found.route;
  const bool host_is_needed = !parser_->may_lack_host() && !(route_ && route_->is_door);
  if (host_is_needed && !parser_->has_host()) return refuse_bytes(problem(Problem::malformed_request, "send Host"));
  if (!route_) {
    if (found.refusal->status >= 400) report_unhandled(found.refusal->status);
    return refuse(*std::move(found.refusal));
  }
  parser_->keep_body(route_->body_bytes_max);
  if (const auto& failure = parser_->failure()) return refuse_bytes(refused_bytes(failure->status, failure->detail));
  if (!charge_request(input_.capacity())) return refuse(too_many_bytes());
  wait_no_more();
  phase_ = Phase::deciding;
  deadline_ = Clock::time_point::max();
  if (!route_->check) return decide({});
  route_->check(head, [self = shared_from_this(), turn = turn_](HeadDecision decision) {
    self->run([self = self.get(), turn, decision = std::move(decision)]() mutable {
      if (self->turn_ == turn && self->phase_ == Phase::deciding) self->decide(std::move(decision));
    });
  });
}

void HttpConnection::decide(HeadDecision decision) {
  if (decision.refusal) return refuse(*std::move(decision.refusal));
  is_admitted_ = decision.is_admitted;
  if (decision.device) {
    device_charge_.emplace(parts_.device_bytes, static_cast<std::uint64_t>(decision.device->value));
  }
  parser_->request().device = decision.device;
  if (!is_admitted_ && route_->stranger_bytes_max) {
    parser_->keep_body(*route_->stranger_bytes_max);
    if (const auto& failure = parser_->failure()) return refuse_bytes(refused_bytes(failure->status, failure->detail));
  }
  read_renewed_at_ = 0;
  phase_ = Phase::body;
  take_input();
  if (phase_ == Phase::body) deadline_ = Clock::now() + parts_.options.request_timeout;
}

void HttpConnection::take_body() {
  if (!charge_request(input_.capacity())) return refuse(too_many_bytes());
  if (parser_->is_whole()) return handle();
  // The body may take long, and the token may end meanwhile: the handler looks it up again.
  parser_->request().device.reset();
  if (parser_->expects_continue() && !continued_) {
    send_continue();
  } else {
    renew_read_deadline();
    read_on();
  }
}

/// A month of points takes a phone long: whoever has shown a good token has the time again for each part of a body.
void HttpConnection::renew_read_deadline() {
  if (!is_admitted_ || parser_->request().body.size() - read_renewed_at_ < read_progress_bytes) return;
  read_renewed_at_ = parser_->request().body.size();
  deadline_ = Clock::now() + parts_.options.request_timeout;
}

/// The body may be there before it is sent: a read may be under way since the question before.
void HttpConnection::send_continue() {
  continued_ = true;
  const auto sent = [self = shared_from_this()](error_code error, std::size_t) {
    self->guard([&] {
      if (error) return self->abort();
      if (self->phase_ == Phase::body) self->read_on();
    });
  };
  asio::async_write(socket_, asio::buffer(continue_response), sent);
}

void HttpConnection::handle() {
  wait_no_more();
  phase_ = Phase::answering;
  deadline_ = Clock::time_point::max();
  const auto turn = turn_;
  const Reply reply = [self = shared_from_this(), turn](Response response) {
    self->run([self = self.get(), turn, response = std::move(response)]() mutable {
      if (self->turn_ == turn && self->phase_ == Phase::answering) self->answer(std::move(response));
    });
  };
  try {
    route_->handler(std::move(parser_->request()), reply);
  } catch (const std::exception& error) {  // memory ran out, say
    report(error.what());
    keep_alive_ = false;
    if (turn_ == turn && phase_ == Phase::answering) {
      answer(problem(Problem::server_fault, "the server could not answer this request"));
    }
  }
  if (turn_ == turn && phase_ == Phase::answering) read_ahead();
}

/// Of a request whose body is not read, or not to its end. What is left of it is read and forgotten where it is small;
/// else the connection ends, as it does where the body may come or not (Expect: 100-continue).
void HttpConnection::refuse(Response response) {
  phase_ = Phase::answering;
  parser_->discard_body(drained_bytes_max);
  input_.consume(parser_->read(input_.waiting()));
  if (!parser_->is_whole()) {
    const auto rest = parser_->announced_rest();
    if (parser_->failure() || !rest || *rest > drained_bytes_max || parser_->expects_continue()) keep_alive_ = false;
  }
  answer(std::move(response));
}

/// Of bytes that are no request, or after which none can be found.
void HttpConnection::refuse_bytes(Response response) {
  report_unhandled(response.status);
  keep_alive_ = false;
  route_ = nullptr;  // it is counted as not read that far
  phase_ = Phase::answering;
  parser_->discard_body(0);
  answer(std::move(response));
}

void HttpConnection::report_unhandled(int status) {
  const bool has_head = parser_->has_head();
  const bool is_tls = !has_head && input_.waiting().starts_with(tls_handshake);
  parts_.service.unhandled({.reason = is_tls ? "tls" : reason_of(status),
                            .address = remote_address_,
                            .path = has_head ? std::string_view(parser_->request().path) : std::string_view()});
}

/// Reads what the peer still sends, as closing a socket with unread bytes would throw our answer away on its way.
void HttpConnection::end_gently() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  deadline_ = Clock::now() + linger_timeout;
  phase_ = Phase::lingering;
  linger();
}

void HttpConnection::linger() {
  input_.clear();
  if (linger_bytes_ > linger_bytes_max) return abort();
  read_on();
}

}  // namespace packwalk
