// New connections. Each takes a seat, or waits until another connection is ended for it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
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
  Newcomers(ConnectionSeats& seats, const Workers& workers, std::size_t connections_max)
      : seats_(seats), workers_(workers), connections_max_(connections_max) {}

  /// Adds the connection to `worker`, immediately or later, or closes it.
  void admit(Worker& worker, boost::asio::ip::tcp::socket socket);
  /// Closes all waiting connections.
  void clear() { waiting_.clear(); }

 private:
  struct Newcomer {
    Worker& worker;
    boost::asio::ip::tcp::socket socket;
    std::uint64_t key;  // address_key()
    std::string address;
    bool own_only = false;  // its address has no seat left
    std::size_t step = 0;   // of make_room()
  };
  using Position = std::list<Newcomer>::iterator;

  void make_room(Position newcomer);
  std::function<AcceptedConnection*(WaitingConnections&)> choice_for(const Newcomer& newcomer, std::size_t step) const;
  Worker* longest_waiting(IdleConnections WaitingConnections::*kind, std::chrono::milliseconds time = {}) const;
  void admit_after_other(Position newcomer);

  ConnectionSeats& seats_;
  const Workers& workers_;
  const std::size_t connections_max_;
  std::list<Newcomer> waiting_;
};

}  // namespace packwalk
