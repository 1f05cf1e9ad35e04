// How many connections there may be, in all and from one address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace packwalk {

/// The network that one caller owns: an IPv4 address, or the /64 of an IPv6 address. Of a text that is no address: one
/// key for all of them.
std::uint64_t address_key(const std::string& address);

struct SeatLimits {
  std::size_t connections_max = 1;
  std::size_t address_connections_max = 0;  // 0: half of connections_max
};

/// Thread-safe. The last seats are for addresses that have few connections.
class ConnectionSeats {
 public:
  explicit ConnectionSeats(SeatLimits limits);

  enum class Outcome { taken, address_is_full, all_is_full };
  Outcome take(std::uint64_t address);
  void give_back(std::uint64_t address);

  std::size_t count() const;
  std::size_t count_of(std::uint64_t address) const;
  /// Whether it has so few that the last seats are for it.
  bool has_few(std::uint64_t address) const;
  /// More than half of them are taken.
  bool are_scarce() const;

 private:
  const std::size_t connections_max_;
  const std::size_t address_connections_max_;
  const std::size_t reserve_;
  mutable std::mutex mutex_;
  std::size_t count_ = 0;                                     // guarded by mutex_
  std::unordered_map<std::uint64_t, std::size_t> addresses_;  // guarded by mutex_; no zeros
};

/// A seat that was taken; gives it back at its end.
class Seat {
 public:
  Seat(ConnectionSeats& seats, std::uint64_t address) : seats_(&seats), address_(address) {}
  Seat(Seat&& other) noexcept : seats_(other.seats_), address_(other.address_) { other.seats_ = nullptr; }
  Seat& operator=(Seat&&) = delete;
  ~Seat() { leave(); }

  void leave() {
    if (seats_) seats_->give_back(address_);
    seats_ = nullptr;
  }
  std::uint64_t address() const { return address_; }

 private:
  ConnectionSeats* seats_;
  std::uint64_t address_;
};

}  // namespace packwalk
