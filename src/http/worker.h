// One thread, its event loop and its connections.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/accepted_connection.h"

namespace packwalk {

/// Creates a connection of one protocol. Called on the threads of all workers.
using MakeConnection = std::function<std::unique_ptr<AcceptedConnection>(Accepted)>;

/// The parts that all workers of a listener share.
struct WorkerParts {
  MakeConnection make;
  std::function<void(std::string_view what)> report;  // for exceptions from outside of connections
  const ConnectionSeats& seats;
  std::chrono::seconds first_byte_timeout;
};

/// All workers' threads may call its methods. An exception on the loop is reported, and the loop continues.
class Worker {
 public:
  explicit Worker(const WorkerParts& parts) : parts_(parts) {}
  ~Worker() { stop(); }

  boost::asio::io_context& context() { return context_; }
  std::size_t connections() const { return connections_.load(std::memory_order_relaxed); }

  /// `each_sweep` is called twice per second, on the worker's thread.
  void start(std::function<void()> each_sweep);

  void add(boost::asio::ip::tcp::socket socket, Seat seat, std::string remote_address);

  /// The time since which the longest waiting connection has waited; the greatest number if none waits.
  std::int64_t waits_since(IdleConnections WaitingConnections::*kind) const { return (waiting_.*kind).longest_since(); }
  /// Ends the connection that `choose` returns, unless it is null; then calls `then`. Both run on the worker's thread.
  void end_one(std::function<AcceptedConnection*(WaitingConnections&)> choose, std::function<void()> then);

  /// Accepts no more requests, and answers those under way.
  void drain();
  void stop();

 private:
  void run();
  void report(const char* what) noexcept;
  void sweep();
  void sweep_connections();

  const WorkerParts& parts_;
  std::atomic<std::size_t> connections_ = 0;  // before context_, which may hold the last connections
  WaitingConnections waiting_;                // before context_; used only on the worker's thread, like the next ones
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_{context_};
  std::vector<std::weak_ptr<AcceptedConnection>> added_;
  std::function<void()> each_sweep_;
  bool is_sweeping_ = false;
  bool is_draining_ = false;
  std::thread thread_;
};

}  // namespace packwalk
