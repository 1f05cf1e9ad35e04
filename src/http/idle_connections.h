// Connections of a thread that wait for the other side, so that one of them can give way to a new one.
#pragma once

#include <atomic>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstdint>
#include <optional>

#include "http/connection_seats.h"

namespace packwalk {

class AcceptedConnection;

/// A connection's place among those that are idle.
struct IdleEntry : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
  IdleEntry(AcceptedConnection& owner, std::uint64_t key) : connection(owner), address(key) {}

  AcceptedConnection& connection;
  const std::uint64_t address;  // address_key()
  std::chrono::steady_clock::time_point since;
};

/// Connections of a thread that wait for the other side.
class IdleConnections {
 public:
  void add(IdleEntry& entry);
  void remove(IdleEntry& entry);
  /// Of those that wait since `before`, one whose address has most seats, or one of the address `only`; null when there
  /// is none. Looks at the first some hundred.
  AcceptedConnection* of_fullest(std::chrono::steady_clock::time_point before, const ConnectionSeats& seats,
                                 std::optional<std::uint64_t> only);
  /// The one that is idle for the longest time; null when none is.
  AcceptedConnection* longest() { return entries_.empty() ? nullptr : &entries_.front().connection; }
  /// Since when that one is idle, in ticks of its clock; the greatest number when none is. From any thread.
  std::int64_t longest_since() const { return longest_since_.load(std::memory_order_relaxed); }

 private:
  void note_longest();

  boost::intrusive::list<IdleEntry, boost::intrusive::constant_time_size<false>> entries_;  // the longest first
  std::atomic<std::int64_t> longest_since_ = INT64_MAX;
};

/// Those of a thread: kept alive between two requests; new ones that have said nothing yet; and those that have shown
/// no good token for the request that they send, or whose answer they read.
struct WaitingConnections {
  IdleConnections kept_alive;
  IdleConnections silent;
  IdleConnections unfinished;
};

}  // namespace packwalk
