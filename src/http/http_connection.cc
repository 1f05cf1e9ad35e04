#include "http/http_connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/socket_base.hpp>
#include <utility>

#include "http/problem.h"
#include "http/request_id.h"

namespace packwalk {
namespace {

constexpr std::size_t drained_bytes_max =
    64UL * 1024;  // bytes of a refused body that are read and discarded; with more, the connection ends
constexpr std::string_view tls_handshake = "\x16\x03";  // the first bytes of a client that uses https://

/// The reason why a request reached no handler, by its status.
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

HttpConnection::HttpConnection(Accepted accepted, const HttpConnectionParts& parts)
    : AcceptedConnection(std::move(accepted)),
      parts_(parts),
      request_charge_(parts.request_bytes, address()),
      response_charge_(parts.response_bytes, address()) {}

Response HttpConnection::too_many_bytes() {
  return try_again(Problem::overloaded, "The server is reading too many large requests. Send the request again.");
}

void HttpConnection::report(std::string_view what) {
  const bool has_head = parser_ && parser_->has_head();
  parts_.service.report({.method = has_head ? name_of(parser_->method()) : "",
                         .pattern = route_ ? route_->pattern : "",
                         .address = remote_address(),
                         .what = what,
                         .request_id = terms_.request_id});
}

void HttpConnection::look_after(Clock::time_point now) {
  if (is_late(now)) {
    if (rest_) guard([this] { report("a response was cut off: its rest was not produced or not read in time"); });
    return abort();
  }
  if (waits_for_peer() && !waits() && must_give_way()) wait_in(waiting().unfinished);
  if (phase_ == Phase::streaming && asks_again_) guard([this] { ask_for_piece(); });
  if (phase_ == Phase::streaming && piece_without_room_) {
    guard([this] { take_piece(*std::exchange(piece_without_room_, std::nullopt)); });
  }
  // A read under way detects it. If the buffer is full with later requests, the connection does not read.
  if (is_waited_for() && heeds_gone() && !reading_ && !peer_ended_ && !peer_is_there()) {
    gone_.request_stop();
  }
}

void HttpConnection::finish() {
  finishing_ = true;
  if (phase_ == Phase::head || phase_ == Phase::body || phase_ == Phase::draining) abort();
}

void HttpConnection::closing() {
  phase_ = Phase::closed;
  // Resets the connection, so that the caller does not take a part for the whole: in HTTP/1.0, a response ends with the
  // connection.
  boost::system::error_code ignored;
  if (rest_) socket().set_option(boost::asio::socket_base::linger(true, 0), ignored);
  gone_.request_stop();
  rest_.reset();
  piece_without_room_.reset();
}

void HttpConnection::next_request() {
  wait_no_more();
  is_admitted_ = false;
  device_ = 0;
  device_charge_.reset();
  device_seat_.reset();
  phase_ = Phase::head;
  route_ = nullptr;
  received_at_ = {};
  continued_ = false;
  head_only_ = false;
  terms_ = {};
  ++turn_;
  parser_.emplace(parts_.options.header_bytes_max);
  const bool begins = !holds_empty_lines_only(input_.waiting());
  set_deadline(Clock::now() + (begins ? parts_.options.request_timeout : parts_.options.idle_timeout));
  if (!input_.waiting().empty()) return take_input();
  wait_in(has_spoken() ? waiting().kept_alive : waiting().silent);
  read_on();
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
  terms_ = terms_of(head);
  terms_.may_be_chunked = !parser_->may_lack_host();  // HTTP/1.1
  head.id = terms_.request_id;
  head.received_at = received_at_ = Clock::now();
  head.remote_address = remote_address();
  head.gone = gone_.get_token();
  keep_alive_ = parser_->keeps_alive();
  head_only_ = head.method == Method::head;
  Router::Found found = parts_.router.find(head);
  route_ = found.route;
  const bool host_is_needed = !parser_->may_lack_host() && !(route_ && route_->is_door);
  if (host_is_needed && !parser_->has_host())
    return refuse_bytes(problem(Problem::malformed_request, "The Host header is missing. Send it."));
  if (!route_) {
    if (found.refusal->status >= 400) report_unhandled(found.refusal->status);
    return refuse(*std::move(found.refusal));
  }
  parser_->keep_body(route_->body_bytes_max);
  if (const auto& failure = parser_->failure()) return refuse_bytes(refused_bytes(failure->status, failure->detail));
  if (!charge_request(input_.capacity())) return refuse(too_many_bytes());
  check_head();
}

void HttpConnection::check_head() {
  wait_no_more();
  phase_ = Phase::deciding;
  set_deadline(Clock::time_point::max());
  if (!route_->check) return decide({});
  Decided decided = [self = self(), turn = turn_](HeadDecision decision) {
    self->run([self = self.get(), turn, decision = std::move(decision)]() mutable {
      if (self->turn_ == turn && self->phase_ == Phase::deciding) self->decide(std::move(decision));
    });
  };
  call_route([&] { route_->check(parser_->request(), decided); });
}

void HttpConnection::decide(HeadDecision decision) {
  if (decision.refusal) return refuse(*std::move(decision.refusal));
  is_admitted_ = decision.is_admitted;
  if (decision.device) {
    device_ = static_cast<std::uint64_t>(decision.device->value);
    device_charge_.emplace(parts_.device_bytes, device_);
  }
  parser_->request().device = decision.device;
  if (!is_admitted_ && route_->stranger_bytes_max) {
    parser_->keep_body(*route_->stranger_bytes_max);
    if (const auto& failure = parser_->failure()) return refuse_bytes(refused_bytes(failure->status, failure->detail));
  }
  read_renewed_at_ = 0;
  phase_ = Phase::body;
  take_input();
  if (phase_ == Phase::body) set_deadline(Clock::now() + parts_.options.request_timeout);
}

void HttpConnection::take_body() {
  if (!charge_request(input_.capacity())) return refuse(too_many_bytes());
  if (parser_->is_whole()) return handle();
  // The body may take long, and the token may be revoked meanwhile: the handler looks it up again.
  parser_->request().device.reset();
  if (parser_->expects_continue() && !continued_) {
    send_continue();
  } else {
    renew_read_deadline();
    read_on();
  }
}

void HttpConnection::handle() {
  wait_no_more();
  phase_ = Phase::answering;
  set_deadline(Clock::time_point::max());
  const auto turn = turn_;
  const Reply reply = [self = self(), turn](Response response) {
    self->run([self = self.get(), turn, response = std::move(response)]() mutable {
      if (self->turn_ == turn && self->phase_ == Phase::answering) self->answer(std::move(response));
    });
  };
  call_route([&] { route_->handler(std::move(parser_->request()), reply); });
  if (turn_ == turn && phase_ == Phase::answering) read_ahead();
}

/// The only code that catches exceptions of routes, such as std::bad_alloc.
template <class Call>
void HttpConnection::call_route(Call call) {
  const auto turn = turn_;
  try {
    call();
  } catch (const std::exception& error) {
    answer_fault(turn, error.what());
  } catch (...) {
    answer_fault(turn, "an object was thrown that is not an exception");
  }
}

void HttpConnection::answer_fault(std::uint64_t turn, std::string_view what) {
  report(what);
  keep_alive_ = false;
  if (turn_ != turn || (phase_ != Phase::deciding && phase_ != Phase::answering)) return;
  Response response = server_fault();
  return phase_ == Phase::deciding ? refuse(std::move(response)) : answer(std::move(response));
}

/// Answers a request whose body was not read to its end. If the rest is small, the connection reads and discards it;
/// otherwise the connection ends, also if the body may or may not follow (Expect: 100-continue).
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

/// Answers bytes that are not a request, or after which no request can be found.
void HttpConnection::refuse_bytes(Response response) {
  if (terms_.request_id.empty()) terms_.request_id = make_request_id();
  report_unhandled(response.status);
  keep_alive_ = false;
  route_ = nullptr;  // counts as a request whose path was not read
  phase_ = Phase::answering;
  parser_->discard_body(0);
  answer(std::move(response));
}

void HttpConnection::report_unhandled(int status) {
  const bool has_head = parser_->has_head();
  const bool is_tls = !has_head && input_.waiting().starts_with(tls_handshake);
  parts_.service.unhandled({.reason = is_tls ? "tls" : reason_of(status),
                            .address = remote_address(),
                            .path = has_head ? std::string_view(parser_->request().path) : std::string_view()});
}

}  // namespace packwalk
