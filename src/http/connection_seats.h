// The limits on connections, in all and per address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>

namespace packwalk {

/// The network of one caller: an IPv4 address, or the /64 of an IPv6 address. All texts that are not addresses share
/// one key.
std::uint64_t address_key(const std::string& address);

struct SeatLimits {
  std::size_t connections_max = 1;
  std::size_t address_connections_max = 0;  // 0: half of connections_max
};

/// Thread-safe. The last seats are reserved for addresses with few connections.
class ConnectionSeats {
 public:
  explicit ConnectionSeats(SeatLimits limits);

  enum class Outcome { taken, address_is_full, all_is_full };
  Outcome take(std::uint64_t address);
  void give_back(std::uint64_t address);

  std::size_t count() const;
  std::size_t count_of(std::uint64_t address) const;
  /// Whether the address has so few connections that it may use the last seats.
  bool has_few(std::uint64_t address) const;
  /// Whether more than half of the seats are taken.
  bool are_scarce() const;

 private:
  const std::size_t connections_max_;
  const std::size_t address_connections_max_;
  const std::size_t reserve_;
  mutable std::mutex mutex_;
  std::size_t count_ = 0;                                     // guarded by mutex_
  std::unordered_map<std::uint64_t, std::size_t> addresses_;  // guarded by mutex_; has no zeros
};

/// A taken seat. The destructor gives it back.
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
