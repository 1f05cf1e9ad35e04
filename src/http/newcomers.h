// New connections. Each takes a seat, or waits until another connection is ended for it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "http/connection_seats.h"
#include "http/worker.h"

namespace packwalk {

using Workers = std::vector<std::unique_ptr<Worker>>;

/// All of it runs on the thread of the first worker.
class Newcomers {
 public:
  using Clock = std::chrono::steady_clock;

  Newcomers(ConnectionSeats& seats, const Workers& workers, std::size_t connections_max)
      : seats_(seats), workers_(workers), connections_max_(connections_max) {}

  /// Adds the connection to `worker`, immediately or later, or closes it; also if it throws.
  void admit(Worker& worker, boost::asio::ip::tcp::socket socket, Clock::time_point now = Clock::now());
  /// Closes all waiting connections.
  void clear() { waiting_.clear(); }

 private:
  struct Newcomer {
    Worker& worker;
    boost::asio::ip::tcp::socket socket;
    std::uint64_t key;  // address_key()
    std::string address;
    bool own_only = false;  // its address has no seat left
    Clock::time_point came_at;
    std::size_t step = 0;   // of ask_next()
    std::size_t first = 0;  // the worker that is asked first
  };
  /// By their number in the order of arrival.
  using Waiting = std::map<std::uint64_t, Newcomer>;

  void make_room(Waiting::iterator newcomer);
  bool ask_next(Waiting::value_type& newcomer);
  std::function<AcceptedConnection*(WaitingConnections&)> choice_for(const Newcomer& newcomer, std::size_t stage) const;
  std::size_t longest_waiting(IdleConnections WaitingConnections::*kind) const;
  void admit_after_other(std::uint64_t number);

  ConnectionSeats& seats_;
  const Workers& workers_;
  const std::size_t connections_max_;
  Waiting waiting_;
  std::uint64_t came_ = 0;
};

}  // namespace packwalk
