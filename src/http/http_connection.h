// One connection: reads requests one after another, answers them in order.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "http/byte_budget.h"
#include "http/connection_seats.h"
#include "http/idle_connections.h"
#include "http/input_buffer.h"
#include "http/request_parser.h"
#include "http/server.h"

namespace packwalk {

/// What all connections of a server share.
struct HttpConnectionParts {
  const ServerOptions& options;
  const Service& service;
  const Router& router;
  const ConnectionSeats& seats;
  ByteBudget& request_bytes;
  ByteBudget& device_bytes;  // the same bytes, of those that a head has shown the token of
  ByteBudget& response_bytes;
  std::size_t little_bytes = 0;  // for an owner with no more in requests there is room, whatever others hold
};

/// All of it runs on the thread of its socket. It lives while an operation or a handler holds it. No exception leaves
/// it: one that is thrown while it works is reported, and ends this connection alone.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Clock = std::chrono::steady_clock;

  HttpConnection(boost::asio::ip::tcp::socket socket, Seat seat, std::string remote_address,
                 const HttpConnectionParts& parts, WaitingConnections& waiting);

  void start();
  /// Closes the connection when it has been slower than it may, and finds out whether its caller is gone.
  void look_after(Clock::time_point now);
  /// Ends it now, or when the answer under way is sent.
  void finish();
  void abort();

  std::uint64_t address() const { return seat_.address(); }

 private:
  enum class Phase { head, deciding, body, answering, writing, streaming, draining, lingering, closed };

  template <class Step>
  void guard(Step step) noexcept;
  /// Runs on this connection's thread: at once when it is that of the caller.
  template <class Step>
  void run(Step step);
  void fail(const char* what) noexcept;
  void report(std::string_view what);

  void wait_in(IdleConnections& list);
  void wait_no_more();
  void next_request();
  void read_on();
  void read_ahead();
  void start_read();
  void received(boost::system::error_code error, std::size_t bytes);
  void take_input();
  void take_head();
  bool charge_request(std::size_t buffer_bytes);
  bool holds_little_with(std::size_t bytes) const;
  void decide(HeadDecision decision);
  void take_body();
  void renew_read_deadline();
  void send_continue();
  void handle();
  void refuse(Response response);
  void refuse_bytes(Response response);
  void report_unhandled(int status);
  void answer(Response response);
  void observe(int status);
  void write(Response response);
  void begin_stream(Response response);
  void write_piece(BodyPiece piece);
  void after_piece(boost::system::error_code error, bool was_last);
  void ask_for_piece();
  void take_piece(Result<BodyPiece> piece);
  std::function<std::size_t(const boost::system::error_code&, std::size_t)> renew_write_deadline();
  void after_write(boost::system::error_code error);
  void end_gently();
  void linger();
  /// Waits for somebody who works for the caller.
  bool is_waited_for() const { return phase_ == Phase::answering || phase_ == Phase::streaming; }
  bool heeds_gone() const { return route_ && route_->heeds_gone; }
  bool peer_is_there();

  const HttpConnectionParts& parts_;
  WaitingConnections& waiting_;
  IdleEntry idle_entry_{*this};
  IdleConnections* waits_in_ = nullptr;
  const std::thread::id thread_ = std::this_thread::get_id();
  const std::string remote_address_;
  const Clock::time_point opened_at_ = Clock::now();
  boost::asio::ip::tcp::socket socket_;
  Seat seat_;
  InputBuffer input_;
  std::optional<RequestParser> parser_;
  Charge request_charge_;
  std::optional<Charge> device_charge_;  // of a request whose head has shown a device's token
  Charge response_charge_;
  std::stop_source gone_;
  std::string output_;
  std::string output_body_;
  std::shared_ptr<BodySource> rest_;  // of the response that is being sent
  std::optional<BodyPiece> piece_without_room_;
  bool is_chunked_ = false;          // it is sent in chunks
  bool asks_again_ = false;          // for the next piece, which nobody had time to make
  Clock::time_point received_at_{};  // the head of the request, if it was
  Clock::time_point overloaded_since_{};
  Clock::time_point deadline_;
  const Route* route_ = nullptr;
  Phase phase_ = Phase::head;
  std::uint64_t turn_ = 0;  // counts what is answered, so that a second answer to a request is ignored
  std::size_t linger_bytes_ = 0;
  std::size_t read_renewed_at_ = 0;  // bytes of the body
  bool has_spoken_ = false;
  bool is_admitted_ = false;  // the head has shown a good token
  bool reading_ = false;
  bool peer_ended_ = false;  // it sends no more
  bool keep_alive_ = false;
  bool head_only_ = false;
  bool continued_ = false;
  bool finishing_ = false;
  std::atomic<bool> is_lost_ = false;  // no memory even to hand an answer over
};

template <class Step>
void HttpConnection::guard(Step step) noexcept {
  try {
    step();
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("something was thrown that is no exception");
  }
}

template <class Step>
void HttpConnection::run(Step step) {
  if (std::this_thread::get_id() == thread_) {
    guard(std::move(step));
    return;
  }
  try {
    boost::asio::post(socket_.get_executor(),
                      [self = shared_from_this(), step = std::move(step)]() mutable { self->guard(std::move(step)); });
  } catch (const std::exception&) {  // whoever answers is not to blame, and may not mind an exception
    is_lost_ = true;
  }
}

}  // namespace packwalk
