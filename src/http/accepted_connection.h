// A connection that a listener has accepted, for any protocol.
#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include "http/connection_seats.h"
#include "http/idle_connections.h"

namespace packwalk {

/// The parts of a connection.
struct Accepted {
  boost::asio::ip::tcp::socket socket;
  Seat seat;
  std::string remote_address;   // without port
  WaitingConnections& waiting;  // of the socket's thread
};

/// The derived class implements the protocol. This class handles deadlines, seats, threads and faults. Everything runs
/// on the thread of the socket. The connection lives while an operation or a handler holds it. No exception leaves it:
/// an exception is reported, and ends only this connection.
class AcceptedConnection : public std::enable_shared_from_this<AcceptedConnection> {
 public:
  using Clock = std::chrono::steady_clock;

  explicit AcceptedConnection(Accepted accepted);
  AcceptedConnection(const AcceptedConnection&) = delete;
  AcceptedConnection& operator=(const AcceptedConnection&) = delete;
  virtual ~AcceptedConnection() = default;

  void start();
  /// Called twice per second. Ends the connection if it is past its deadline.
  virtual void look_after(Clock::time_point now);
  /// The server stops: ends the connection now, or after the current request.
  virtual void finish() = 0;
  /// Ends it now.
  void abort();

  std::uint64_t address() const { return seat_.address(); }  // address_key()
  /// Whether it is new, and has sent nothing for longer than `time`.
  bool is_silent(Clock::time_point now, Clock::duration time) const { return !has_spoken_ && now - opened_at_ > time; }

 protected:
  /// Its first action.
  virtual void begin() = 0;
  /// Called once when the connection ends, while the socket is still open. Must not throw.
  virtual void closing() {}
  /// Logs an exception or a fault.
  virtual void report(std::string_view what) = 0;

  /// Runs `step` on the thread of the connection. An exception ends the connection.
  template <class Step>
  void guard(Step step) noexcept;
  /// The same from any thread; on the connection's thread, it runs immediately.
  template <class Step>
  void run(Step step);

  /// Adds it to `list`, from which the server may end one for a new connection.
  void wait_in(IdleConnections& list);
  void wait_no_more();
  bool waits() const { return waits_in_ != nullptr; }
  bool waits_in(const IdleConnections& list) const { return waits_in_ == &list; }

  void note_spoken() { has_spoken_ = true; }
  bool has_spoken() const { return has_spoken_; }

  bool is_closed() const { return is_closed_; }
  bool is_late(Clock::time_point now) const { return now > deadline_ || is_lost_; }
  void set_deadline(Clock::time_point deadline) { deadline_ = deadline; }

  boost::asio::ip::tcp::socket& socket() { return socket_; }
  WaitingConnections& waiting() { return waiting_; }
  const std::string& remote_address() const { return remote_address_; }

 private:
  void fail(const char* what) noexcept;

  WaitingConnections& waiting_;
  IdleEntry idle_entry_;
  IdleConnections* waits_in_ = nullptr;
  const std::thread::id thread_ = std::this_thread::get_id();
  const std::string remote_address_;
  const Clock::time_point opened_at_ = Clock::now();
  boost::asio::ip::tcp::socket socket_;
  Seat seat_;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool has_spoken_ = false;
  bool is_closed_ = false;
  std::atomic<bool> is_lost_ = false;  // no memory even to pass on an answer
};

template <class Step>
void AcceptedConnection::guard(Step step) noexcept {
  try {
    step();
  } catch (const std::exception& error) {
    fail(error.what());
  } catch (...) {
    fail("an object was thrown that is not an exception");
  }
}

template <class Step>
void AcceptedConnection::run(Step step) {
  if (std::this_thread::get_id() == thread_) {
    guard(std::move(step));
    return;
  }
  try {
    boost::asio::post(socket_.get_executor(),
                      [self = shared_from_this(), step = std::move(step)]() mutable { self->guard(std::move(step)); });
  } catch (const std::exception&) {  // the answering code is not at fault, and may not handle an exception
    is_lost_ = true;
  }
}

}  // namespace packwalk
