// The connections of a thread that wait for their peer, so that one can be ended for a new connection.
#pragma once

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <optional>

#include "http/connection_seats.h"

namespace packwalk {

class AcceptedConnection;

/// A connection's entry in a list of idle connections.
struct IdleEntry : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  IdleEntry(AcceptedConnection& owner, std::uint64_t key) : connection(owner), address(key) {}

  AcceptedConnection& connection;
  const std::uint64_t address;  // address_key()
  std::chrono::steady_clock::time_point since;
};

/// The connections of a thread that wait for their peer.
class IdleConnections {
 public:
  void add(IdleEntry& entry);
  void remove(IdleEntry& entry);
  /// Of the connections that have waited since `before`, the longest idle one of the address that has the most seats,
  /// or of the address `only`; null if there is none. Checks only the first few hundred.
  AcceptedConnection* of_fullest(std::chrono::steady_clock::time_point before, const ConnectionSeats& seats,
                                 std::optional<std::uint64_t> only);
  /// The time since which the longest idle connection is idle, in ticks of its clock; the greatest number if none is
  /// idle. From any thread.
  std::int64_t longest_since() const { return longest_since_.load(std::memory_order_relaxed); }

 private:
  void note_longest();

  boost::intrusive::list<IdleEntry, boost::intrusive::constant_time_size<false>> entries_;  // the longest first
  std::atomic<std::int64_t> longest_since_ = INT64_MAX;
};

/// The lists of a thread: connections between two requests; new ones that have sent nothing yet; and those without a
/// valid token in the request that they send or whose answer they read.
struct WaitingConnections {
  IdleConnections kept_alive;
  IdleConnections silent;
  IdleConnections unfinished;
};

}  // namespace packwalk
