#include "http/session.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <utility>

#include "http/problem.h"
#include "http/response_writer.h"

namespace packwalk {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t output_kept_max = 4096;                 // between answers
constexpr std::size_t drained_bytes_max = 64UL * 1024;        // of a refused body; with more, the connection ends
constexpr std::size_t linger_bytes_max = 16UL * 1024 * 1024;  // read and forgotten before it is closed
constexpr std::chrono::seconds linger_timeout{5};
constexpr std::size_t write_progress_bytes = 64UL * 1024;  // of a response, in the time that a write may take
constexpr std::size_t read_progress_bytes = 64UL * 1024;   // of a device's body, in the time that a request may take
constexpr int retry_soon_seconds = 5;
constexpr std::string_view tls_handshake = "\x16\x03";  // the first bytes of whoever was given https://
constexpr std::string_view continue_response = "HTTP/1.1 100 Continue\r\n\r\n";

Response too_many_bytes() {
  return try_again("the server reads as many large requests as it can: send it again", retry_soon_seconds);
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

/// Assigning an empty string would keep the memory.
void release(std::string& text) { std::string().swap(text); }

}  // namespace

void IdleSessions::add(IdleEntry& entry) {
  entries_.push_back(entry);
  note_longest();
}

void IdleSessions::remove(IdleEntry& entry) {
  if (!entry.is_linked()) return;
  entry.unlink();
  note_longest();
}

void IdleSessions::note_longest() {
  const std::int64_t since = entries_.empty() ? INT64_MAX : entries_.front().since.time_since_epoch().count();
  longest_since_.store(since, std::memory_order_relaxed);
}

Session* IdleSessions::of_fullest(std::chrono::steady_clock::time_point before, const ConnectionSeats& seats,
                                  std::optional<std::uint64_t> only) {
  constexpr int looked_at_max = 256;
  Session* found = nullptr;
  std::size_t most = 0;
  int looked_at = 0;
  for (const IdleEntry& entry : entries_) {
    if (entry.since > before || ++looked_at > looked_at_max) break;
    const std::uint64_t address = entry.session.address();
    const std::size_t count = seats.count_of(address);
    if (count <= most || (only && address != *only)) continue;
    most = count;
    found = &entry.session;
  }
  return found;
}

template <class Step>
void Session::guard(Step step) noexcept {
  try {
    step();
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("something was thrown that is no exception");
  }
}

template <class Step>
void Session::run(Step step) {
  if (std::this_thread::get_id() == thread_) {
    guard(std::move(step));
    return;
  }
  try {
    asio::post(socket_.get_executor(),
               [self = shared_from_this(), step = std::move(step)]() mutable { self->guard(std::move(step)); });
  } catch (const std::exception&) {  // whoever answers is not to blame, and may not mind an exception
    is_lost_ = true;
  }
}

void Session::fail(const char* what) noexcept {
  try {
    report(what);
  } catch (...) {  // NOLINT(bugprone-empty-catch): there is no memory to say so
  }
  abort();
}

void Session::report(std::string_view what) {
  const bool has_head = parser_ && parser_->has_head();
  parts_.service.report({.method = has_head ? name_of(head_only_ ? Method::head : parser_->request().method) : "",
                         .pattern = route_ ? route_->pattern : "",
                         .address = remote_address_,
                         .what = what});
}

Session::Session(asio::ip::tcp::socket socket, Seat seat, std::string remote_address, const SessionParts& parts,
                 WaitingSessions& waiting)
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

void Session::start() {
  guard([this] { next_request(); });
}

void Session::look_after(Clock::time_point now) {
  const bool is_silent =
      !has_spoken_ && now - opened_at_ > parts_.options.first_byte_timeout && parts_.seats.are_scarce();
  if (now > deadline_ && rest_) report("a response was cut off: its rest was not made or not read in time");
  if (now > deadline_ || is_silent || is_lost_) return abort();
  if (phase_ == Phase::streaming && asks_again_) guard([this] { ask_for_piece(); });
  // Where a read is under way, it tells. Where the buffer is full of what comes after the request, nobody reads.
  if (is_waited_for() && heeds_gone() && !reading_ && !peer_ended_ && !peer_is_there()) {
    gone_.request_stop();
  }
}

bool Session::peer_is_there() {
  tcp_info info{};
  socklen_t size = sizeof(info);
  if (::getsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
  return info.tcpi_state == TCP_ESTABLISHED;
}

void Session::finish() {
  finishing_ = true;
  if (phase_ == Phase::head || phase_ == Phase::body || phase_ == Phase::draining) abort();
}

void Session::abort() {
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
}

void Session::wait_in(IdleSessions& list) {
  wait_no_more();
  idle_entry_.since = Clock::now();
  list.add(idle_entry_);
  waits_in_ = &list;
}

void Session::wait_no_more() {
  if (waits_in_) waits_in_->remove(idle_entry_);
  waits_in_ = nullptr;
}

void Session::next_request() {
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
void Session::read_on() {
  if (!charge_request(reading_ ? input_.capacity() : input_.capacity_for_room())) {
    return phase_ == Phase::draining ? end_gently() : refuse_bytes(too_many_bytes());
  }
  if (!waits_in_ && !is_admitted_) wait_in(parser_->has_begun() ? waiting_.unfinished : waiting_.kept_alive);
  if (reading_) return;
  if (peer_ended_) return abort();  // a request that is not whole cannot be answered
  start_read();
}

/// To learn when the caller is gone. Bounded by the buffer, which does not grow for it.
void Session::read_ahead() {
  if (heeds_gone() && !reading_ && !peer_ended_ && !input_.is_full()) start_read();
}

void Session::start_read() {
  const InputBuffer::Room room = input_.room();
  socket_.async_read_some(asio::buffer(room.data, room.size),
                          [self = shared_from_this()](error_code error, std::size_t bytes) {
                            self->reading_ = false;
                            self->guard([&] { self->received(error, bytes); });
                          });
  reading_ = true;
}

void Session::received(error_code error, std::size_t bytes) {
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

/// What the connection holds of requests, with a buffer of so many bytes: all but a little of it counts.
bool Session::charge_request(std::size_t buffer_bytes) {
  const std::size_t buffer = std::max(buffer_bytes, InputBuffer::capacity_min) - InputBuffer::capacity_min;
  const std::size_t bytes = buffer + held_bytes(parser_->request());
  return request_charge_.set(bytes) && (!device_charge_ || device_charge_->set(bytes));
}

void Session::take_input() {
  input_.consume(parser_->read(input_.waiting()));
  if (!reading_) input_.fit();
  if (parser_->failure() && phase_ == Phase::draining) return end_gently();
  if (const auto& failure = parser_->failure()) return refuse_bytes(problem(failure->status, failure->detail));
  if (phase_ == Phase::head && parser_->has_head()) return take_head();
  if (phase_ == Phase::draining && parser_->is_whole()) return next_request();
  if (phase_ == Phase::body) return take_body();
  read_on();
}

void Session::take_head() {
  Request& head = parser_->request();
  head.received_at = received_at_ = Clock::now();
  head.remote_address = remote_address_;
  head.gone = gone_.get_token();
  keep_alive_ = parser_->keeps_alive();
  head_only_ = head.method == Method::head;
  Router::Found found = parts_.router.find(head);
  route_ = found.route;
  const bool host_is_needed = !parser_->may_lack_host() && !(route_ && route_->is_door);
  if (host_is_needed && !parser_->has_host()) return refuse_bytes(problem(400, "send Host"));
  if (!route_) {
    if (found.refusal->status >= 400) report_unhandled(found.refusal->status);
    return refuse(*std::move(found.refusal));
  }
  parser_->keep_body(route_->body_bytes_max);
  if (const auto& failure = parser_->failure()) return refuse_bytes(problem(failure->status, failure->detail));
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

void Session::decide(HeadDecision decision) {
  if (decision.refusal) return refuse(*std::move(decision.refusal));
  is_admitted_ = decision.is_admitted;
  if (decision.device) {
    device_charge_.emplace(parts_.device_bytes, static_cast<std::uint64_t>(decision.device->value));
  }
  parser_->request().device = decision.device;
  if (!is_admitted_ && route_->stranger_bytes_max) {
    parser_->keep_body(*route_->stranger_bytes_max);
    if (const auto& failure = parser_->failure()) return refuse_bytes(problem(failure->status, failure->detail));
  }
  read_renewed_at_ = 0;
  phase_ = Phase::body;
  take_input();
  if (phase_ == Phase::body) deadline_ = Clock::now() + parts_.options.request_timeout;
}

void Session::take_body() {
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
void Session::renew_read_deadline() {
  if (!is_admitted_ || parser_->request().body.size() - read_renewed_at_ < read_progress_bytes) return;
  read_renewed_at_ = parser_->request().body.size();
  deadline_ = Clock::now() + parts_.options.request_timeout;
}

/// The body may be there before it is sent: a read may be under way since the question before.
void Session::send_continue() {
  continued_ = true;
  const auto sent = [self = shared_from_this()](error_code error, std::size_t) {
    self->guard([&] {
      if (error) return self->abort();
      if (self->phase_ == Phase::body) self->read_on();
    });
  };
  asio::async_write(socket_, asio::buffer(continue_response), sent);
}

void Session::handle() {
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
      answer(problem(500, "the server could not answer this request"));
    }
  }
  if (turn_ == turn && phase_ == Phase::answering) read_ahead();
}

/// Of a request whose body is not read, or not to its end. What is left of it is read and forgotten where it is small;
/// else the connection ends, as it does where the body may come or not (Expect: 100-continue).
void Session::refuse(Response response) {
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
void Session::refuse_bytes(Response response) {
  report_unhandled(response.status);
  keep_alive_ = false;
  route_ = nullptr;  // it is counted as not read that far
  phase_ = Phase::answering;
  parser_->discard_body(0);
  answer(std::move(response));
}

void Session::report_unhandled(int status) {
  const bool has_head = parser_->has_head();
  const bool is_tls = !has_head && input_.waiting().starts_with(tls_handshake);
  parts_.service.unhandled({.reason = is_tls ? "tls" : reason_of(status),
                            .address = remote_address_,
                            .path = has_head ? std::string_view(parser_->request().path) : std::string_view()});
}

void Session::answer(Response response) {
  if (response.drop) {
    observe(response.status);
    return abort();
  }
  parser_->forget_request();
  if (!charge_request(input_.capacity())) return abort();
  keep_alive_ = keep_alive_ && !finishing_;
  const std::size_t held = std::max(response.body.capacity(), response.rest ? BodySource::piece_bytes_max : 0);
  if (!head_only_ && !response_charge_.set(held)) {
    response = try_again("the server sends as much as it can: ask again", retry_soon_seconds);
  }
  write(std::move(response));
}

void Session::observe(int status) {
  AnsweredRequest answered{.pattern = route_ ? route_->pattern : "", .status = status};
  if (received_at_ != Clock::time_point()) answered.took = Clock::now() - received_at_;
  parts_.service.observer(answered);
}

void Session::write(Response response) {
  is_chunked_ = !parser_->may_lack_host();  // HTTP/1.1
  if (response.rest && !is_chunked_) keep_alive_ = false;
  if (!write_response(output_, response,
                      {.keep_alive = keep_alive_, .head_only = head_only_, .may_be_chunked = is_chunked_})) {
    report("a header of the response could end its line");
    keep_alive_ = false;
    response = problem(500, "the server could not answer this request");
    if (!write_response(output_, response, {.keep_alive = false, .head_only = head_only_})) return abort();
  }
  observe(response.status);
  if (response.rest && !head_only_) return begin_stream(std::move(response));
  const bool body_apart = sends_body_apart(response, {.keep_alive = keep_alive_, .head_only = head_only_});
  if (body_apart) output_body_ = std::move(response.body);
  if (!body_apart && !is_admitted_) wait_in(waiting_.unfinished);
  phase_ = Phase::writing;
  deadline_ = Clock::now() + parts_.options.write_timeout;
  const auto sent = [self = shared_from_this()](error_code error, std::size_t) {
    self->guard([&] { self->after_write(error); });
  };
  if (body_apart) {
    asio::async_write(socket_,
                      std::array{asio::buffer(std::as_const(output_)), asio::buffer(std::as_const(output_body_))},
                      renew_write_deadline(), sent);
  } else {
    asio::async_write(socket_, asio::buffer(output_), sent);
  }
}

/// The head stands in the output.
void Session::begin_stream(Response response) {
  rest_ = std::move(response.rest);
  write_piece({std::move(response.body), false});
}

/// With what stands in the output before it.
void Session::write_piece(BodyPiece piece) {
  constexpr std::string_view line_end = "\r\n";
  constexpr std::string_view last_chunk = "\r\n0\r\n\r\n";
  output_body_ = std::move(piece.bytes);
  std::string_view after = is_chunked_ && piece.is_last ? last_chunk : std::string_view();
  if (is_chunked_ && !output_body_.empty()) {
    std::array<char, 24> size{};
    const int digits = std::snprintf(size.data(), size.size(), "%zx\r\n", output_body_.size());
    output_.append(size.data(), static_cast<std::size_t>(digits));
    if (!piece.is_last) after = line_end;
  } else if (is_chunked_ && piece.is_last) {
    after.remove_prefix(line_end.size());
  }
  phase_ = Phase::writing;
  deadline_ = Clock::now() + parts_.options.write_timeout;
  const auto sent = [self = shared_from_this(), is_last = piece.is_last](error_code error, std::size_t) {
    self->guard([&] { self->after_piece(error, is_last); });
  };
  asio::async_write(socket_,
                    std::array{asio::buffer(std::as_const(output_)), asio::buffer(std::as_const(output_body_)),
                               asio::buffer(after.data(), after.size())},
                    renew_write_deadline(), sent);
}

void Session::after_piece(error_code error, bool was_last) {
  if (error || phase_ == Phase::closed) return abort();
  if (was_last) {
    rest_.reset();
    return after_write(error);
  }
  output_.clear();
  release(output_body_);
  phase_ = Phase::streaming;
  overloaded_since_ = Clock::time_point::max();
  ask_for_piece();
  if (phase_ == Phase::streaming) read_ahead();
}

void Session::ask_for_piece() {
  asks_again_ = false;
  deadline_ = Clock::time_point::max();
  const auto rest = rest_;  // it may answer at once, with what ends this connection
  rest->next([self = shared_from_this(), turn = turn_](Result<BodyPiece> piece) {
    self->run([self = self.get(), turn, piece = std::move(piece)]() mutable {
      if (self->turn_ == turn && self->phase_ == Phase::streaming) self->take_piece(std::move(piece));
    });
  });
}

/// Where nobody has time to make it, it is asked for again and again, as long as a write may take.
void Session::take_piece(Result<BodyPiece> piece) {
  if (!piece && piece.error().code == Errc::overloaded) {
    overloaded_since_ = std::min(overloaded_since_, Clock::now());
    deadline_ = overloaded_since_ + parts_.options.write_timeout;
    asks_again_ = true;
    return;
  }
  if (piece && !response_charge_.set(std::max(piece->bytes.capacity(), BodySource::piece_bytes_max))) {
    piece = packwalk::fail(Errc::overloaded, "too many bytes of responses are not sent yet");
  }
  if (piece) return write_piece(*std::move(piece));
  if (!gone_.stop_requested()) report("a response was cut off: " + piece.error().detail);
  abort();
}

/// For a large response: whoever reads so much within the time has as much time again.
std::function<std::size_t(const error_code&, std::size_t)> Session::renew_write_deadline() {
  return [self = shared_from_this(), renewed_at = std::size_t{0}](const error_code& error, std::size_t sent) mutable {
    if (sent - renewed_at >= write_progress_bytes) {
      renewed_at = sent;
      self->deadline_ = Clock::now() + self->parts_.options.write_timeout;
    }
    return error ? 0 : write_progress_bytes;
  };
}

void Session::after_write(error_code error) {
  if (output_.capacity() > output_kept_max) release(output_);
  release(output_body_);
  response_charge_.set(0);
  if (error || phase_ == Phase::closed) return abort();
  if (!keep_alive_ || finishing_) return end_gently();
  if (parser_->is_whole()) return next_request();
  phase_ = Phase::draining;
  deadline_ = Clock::now() + parts_.options.request_timeout;
  take_input();
}

/// Reads what the peer still sends, as closing a socket with unread bytes would throw our answer away on its way.
void Session::end_gently() {
  error_code ignored;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  deadline_ = Clock::now() + linger_timeout;
  phase_ = Phase::lingering;
  linger();
}

void Session::linger() {
  input_.clear();
  if (linger_bytes_ > linger_bytes_max) return abort();
  read_on();
}

}  // namespace packwalk
