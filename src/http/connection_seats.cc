#include "http/connection_seats.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

namespace packwalk {
namespace {

constexpr std::size_t reserve_max = 100;
constexpr std::size_t reserved_part = 20;  // the reserve is one seat of this many
constexpr std::size_t few_connections = 4;
constexpr std::uint64_t ipv4_prefix = 0xffff'0000'0000'0000;  // multicast in IPv6, so no client has such an address
constexpr std::uint64_t no_address = ~std::uint64_t{0};
constexpr int prefix_bytes = 8;

std::size_t share_of(SeatLimits limits) {
  const std::size_t share =
      limits.address_connections_max > 0 ? limits.address_connections_max : limits.connections_max / 2;
  return std::clamp<std::size_t>(share, 1, limits.connections_max);
}

}  // namespace

std::uint64_t address_key(const std::string& address) {
  namespace ip = boost::asio::ip;
  boost::system::error_code error;
  const ip::address parsed = ip::make_address(address, error);
  if (error) return no_address;
  if (parsed.is_v4()) return ipv4_prefix | parsed.to_v4().to_uint();
  if (parsed.to_v6().is_v4_mapped()) return ipv4_prefix | ip::make_address_v4(ip::v4_mapped, parsed.to_v6()).to_uint();
  const auto bytes = parsed.to_v6().to_bytes();
  std::uint64_t key = 0;
  for (int i = 0; i < prefix_bytes; ++i) key = key << 8U | bytes[static_cast<std::size_t>(i)];
  return key;
}

ConnectionSeats::ConnectionSeats(SeatLimits limits)
    : connections_max_(limits.connections_max),
      address_connections_max_(share_of(limits)),
      reserve_(std::min(limits.connections_max / reserved_part, reserve_max)) {}

ConnectionSeats::Outcome ConnectionSeats::take(std::uint64_t address) {
  const std::lock_guard lock(mutex_);
  const auto known = addresses_.find(address);
  const std::size_t has = known == addresses_.end() ? 0 : known->second;
  if (has >= address_connections_max_) return Outcome::address_is_full;
  if (count_ >= connections_max_ - (has < few_connections ? 0 : reserve_)) return Outcome::all_is_full;
  ++addresses_[address];
  ++count_;
  return Outcome::taken;
}

void ConnectionSeats::give_back(std::uint64_t address) {
  const std::lock_guard lock(mutex_);
  const auto found = addresses_.find(address);
  if (found == addresses_.end()) return;
  --count_;
  if (--found->second == 0) addresses_.erase(found);
}

std::size_t ConnectionSeats::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::size_t ConnectionSeats::count_of(std::uint64_t address) const {
  const std::lock_guard lock(mutex_);
  const auto found = addresses_.find(address);
  return found == addresses_.end() ? 0 : found->second;
}

bool ConnectionSeats::has_few(std::uint64_t address) const { return count_of(address) < few_connections; }

bool ConnectionSeats::are_scarce() const { return count() > connections_max_ / 2; }

}  // namespace packwalk
