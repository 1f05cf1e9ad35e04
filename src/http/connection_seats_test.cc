#include "http/connection_seats.h"

#include <gtest/gtest.h>

namespace packwalk {
namespace {

using Outcome = ConnectionSeats::Outcome;

std::size_t fill(ConnectionSeats& seats, std::uint64_t address) {
  std::size_t taken = 0;
  while (seats.take(address) == Outcome::taken) ++taken;
  return taken;
}

TEST(ConnectionSeats, GivesOneAddressHalfOfThemByDefault) {
  ConnectionSeats seats({.connections_max = 200});
  EXPECT_EQ(100U, fill(seats, 1));
  EXPECT_EQ(Outcome::address_is_full, seats.take(1));
  EXPECT_EQ(Outcome::taken, seats.take(2));
  seats.give_back(1);
  EXPECT_EQ(Outcome::taken, seats.take(1));
}

TEST(ConnectionSeats, KeepsTheLastOnesForAddressesThatHaveFew) {
  ConnectionSeats seats({.connections_max = 200});
  fill(seats, 1);
  EXPECT_EQ(90U, fill(seats, 2)) << "ten are kept back";
  EXPECT_EQ(Outcome::all_is_full, seats.take(2));
  EXPECT_EQ(4U, fill(seats, 3));
  EXPECT_EQ(4U, fill(seats, 4));
  EXPECT_EQ(2U, fill(seats, 5));
  EXPECT_EQ(200U, seats.count());
  EXPECT_EQ(Outcome::all_is_full, seats.take(6));
  seats.give_back(2);
  EXPECT_EQ(Outcome::taken, seats.take(6));
}

TEST(ConnectionSeats, TakesASeatBackAtItsEnd) {
  ConnectionSeats seats({.connections_max = 4, .address_connections_max = 4});
  ASSERT_EQ(Outcome::taken, seats.take(1));
  {
    Seat seat(seats, 1);
    Seat moved(std::move(seat));
    EXPECT_EQ(1U, seats.count_of(1));
    moved.leave();
    EXPECT_EQ(0U, seats.count_of(1));
  }
  EXPECT_EQ(0U, seats.count());
}

TEST(ConnectionSeats, AreNeverFewerThanOne) {
  ConnectionSeats seats({.connections_max = 1});
  EXPECT_EQ(1U, fill(seats, 1));
}

TEST(AddressKey, IsOneForANetworkThatOneCallerOwns) {
  EXPECT_EQ(address_key("2001:db8:1:2::1"), address_key("2001:db8:1:2:ffff::9"));
  EXPECT_NE(address_key("2001:db8:1:2::1"), address_key("2001:db8:1:3::1"));
  EXPECT_NE(address_key("192.0.2.1"), address_key("192.0.2.2"));
  EXPECT_EQ(address_key("192.0.2.1"), address_key("::ffff:192.0.2.1"));
  EXPECT_EQ(address_key(""), address_key("no address"));
}

}  // namespace
}  // namespace packwalk
